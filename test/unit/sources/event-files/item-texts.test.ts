import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemTexts } from "#lib/sources/event-files/item-texts.ts";

describe("the items of a JSON list", () => {
  test("are taken as they are written, large numbers and spaces within them included", () => {
    const text =
      '{"kind":"EventList", "meta":{"items":[1]},\n "items" : [ {"n": 12345678901234567890, "s":"a]\\"},{"} , {"b":[[],{}]}\n] }';
    expect(itemTexts(text, "items")).toEqual(['{"n": 12345678901234567890, "s":"a]\\"},{"}', '{"b":[[],{}]}']);
    expect(itemTexts(' [{"a":1}, 2]', "items")).toEqual(['{"a":1}', "2"]);
    expect(itemTexts('{"items":[]}', "items")).toEqual([]);
  });

  test("are those that parsing finds, whatever they hold", () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.boolean(),
        (items, others, wide) => {
          const { items: _items, ...before } = others;
          const text = JSON.stringify({ ...before, items }, null, wide ? 2 : 0);
          expect(itemTexts(text, "items").map((item) => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(items)));
        },
      ),
    );
  });

  test.each(['{"items":[{"a":1}', '{"items":[{"a":"1', "", '{"item":[]}', '"items"', '{"items":{}}'])(
    "of %j are refused",
    (text) => {
      expect(() => itemTexts(text, "items")).toThrow(expect.objectContaining({ code: "bad_data" }));
    },
  );
});
