import fc from "fast-check";
import { expect, test } from "vitest";
import { recordBytes } from "#lib/sources/aws-cloudtrail/record-bytes.ts";

/** Names and texts with everything that could be taken for JSON's own signs. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("Records", '"Records":[{', "\\", '\\"', "]}", "{["),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(text, fc.integer(), fc.constant(null), fc.array(tie("any"), { maxLength: 3 }), tie("object")),
  object: fc.dictionary(text, tie("any"), { maxKeys: 3 }),
}));
const list = fc.array(value.object, { maxLength: 4 });

test("each record is found as it stands in its file, whatever is in it and around it", () => {
  fc.assert(
    fc.property(list, list, value.any, fc.constantFrom("", " ", "\n  "), (records, others, any, space) => {
      const named: [string, unknown][] = [
        ["Before", any],
        ["RecordsToo", others],
        ["Records", records],
        ["After", others],
      ];
      const file = `{${named.map(([name, part]) => `${space}${JSON.stringify(name)}:${space}${JSON.stringify(part, null, space)}`).join(",")}}`;
      const found = recordBytes(Buffer.from(file)).map((bytes) => Buffer.from(bytes).toString());
      expect(found.map((bytes) => JSON.parse(bytes) as unknown)).toEqual(
        records.map((record) => JSON.parse(JSON.stringify(record)) as unknown),
      );
      for (const bytes of found) expect(file).toContain(bytes);
    }),
  );
});

test("of two lists the last counts, and what is no object is left out", () => {
  const found = recordBytes(Buffer.from('{"Records":[{"a":1}],"Records":[{"b":2},3,[{"c":4}]]}'));
  expect(found.map((bytes) => Buffer.from(bytes).toString())).toEqual(['{"b":2}']);
});

test("of two lists whose names differ in their letters alone none is taken for the other", () => {
  expect(recordBytes(Buffer.from(String.raw`{"Records":[{"a":1}],"Rec\u006frds":[{"b":2}]}`))).toEqual([]);
});
