import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUsualFile } from "#lib/sources/aws-cloudtrail/parse-usual-file.ts";

const SEAM = '},{"eventVersion":';
/** What could be taken for a seam where it is none. */
const text = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.constantFrom(SEAM, "]}", '{"Records":['));
const part = fc.oneof(
  text,
  fc.constantFrom("eventVersion", "\u0001", "\uD800", String.raw`\u0065`),
  fc.constant([{ a: 1 }, { eventVersion: "1.08" }]),
  fc.dictionary(text, text, { maxKeys: 2 }),
);
const record = fc.record({ eventVersion: text, requestParameters: part, last: part });

test("each record of a file as CloudTrail writes it is what a reader of the whole finds, with its text", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const file = JSON.stringify({ Records: records });
      const texts = records.map((one) => JSON.stringify(one));
      const isUsual = texts.every((one) => one.split('"eventVersion"').length === 2 && !/\\u00[4-7]/.test(one));
      const found = parseUsualFile(file)?.map(({ raw, from, to }) => [raw, file.slice(from, to)]);
      expect(found ?? null).toEqual(isUsual ? records.map((one, n) => [one, texts[n]]) : null);
    }),
  );
});

const ONE = '{"eventVersion":"1.08"}';

test.for([
  ["spaces", `{"Records": [${ONE}]}`],
  ["something behind", `{"Records":[${ONE}]} `],
  ["another name", `{"Records":[${ONE}],"Records":[${ONE}]}`],
  ["no record", '{"Records":[]}'],
  ["records of another kind", '{"Records":[{"eventID":"1"}]}'],
  ["a cut", `{"Records":[${ONE},{"eventVersion":"1.0`],
  ["no JSON", `{"Records":[{"eventVersion":1.08.1},${ONE}]}`],
  ["a comma too many", `{"Records":[${ONE},,${ONE}]}`],
  ["something beside the list", `{"Records":[${ONE}],"more":[{}]}`],
  ["something else in the list", `{"Records":[${ONE},1,${ONE}]}`],
  [
    "a record whose version is not its first",
    `{"Records":[${ONE},{"a":[{},{"eventVersion":1}]},{"b":1,"eventVersion":1}]}`,
  ],
  ["a seam within instead of one between", `{"Records":[${ONE},{"a":[{},{"eventVersion":1}],"b":1} ,${ONE}]}`],
  ["a name in other letters", `{"Records":[{"eventVersion":1,"a":[{},{"eventVersion":1}]},{"\\u0065ventVersion":1}]}`],
  ["a version twice", '{"Records":[{"eventVersion":1,"eventVersion":2}]}'],
  ["spaces before a colon", `{"Records":[${ONE},{"eventVersion" :1,"a":[{},{"eventVersion":1}]}]}`],
  ["a list within", '{"Records":[{"eventVersion":[{},{"eventVersion":1}]}]}'],
])("a file with %s is left to whoever reads it whole", ([, file = ""]) => {
  expect(parseUsualFile(file)).toBeNull();
});
