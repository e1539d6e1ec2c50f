import { expect, test } from "vitest";
import { normaliseTagKey, normaliseTags, tagValue } from "#lib/domain/tags.ts";

test("a key is trimmed and lower case, and keeps what is inside", () => {
  expect(normaliseTagKey("  Cost_Center Id ")).toBe("cost_center id");
});

test("empty keys and values are dropped and values are trimmed", () => {
  expect(normaliseTags({ " ": "x", Team: " Claims ", env: "  " })).toEqual({ team: "Claims" });
});

test("of keys that become the same the first one with a value wins", () => {
  expect(normaliseTags({ Team: "", "team ": "first", TEAM: "second" })).toEqual({ team: "first" });
});

test("a tag may be called like a property that every object has", () => {
  const tags = normaliseTags(JSON.parse('{"__proto__": "a", "Constructor": "b"}') as Record<string, string>);
  expect(tagValue(tags, "__proto__")).toBe("a");
  expect(tagValue(tags, "constructor")).toBe("b");
  expect(tagValue({}, "constructor")).toBeNull();
});
