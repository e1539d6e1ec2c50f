import { describe, expect, test } from "vitest";
import { personNames } from "#lib/domain/trail/person-names.ts";

const zoe = personNames(["zoe@example.com", "Zoë Zoelner", "arn:aws:iam::1:user/zoe", "zoe-ann@example.com"]);

describe("a person's names in texts", () => {
  test.each([
    ["zoe@example.com", "P"],
    ["oidc:Zoe@Example.com, again zoe@example.com.", "oidc:P, again P."],
    ["by zoe-ann@example.com", "by P"],
    ["/users/zoe%40example.com?x=1", "/users/P?x=1"],
    ["user%3Azoe@example.com", "user%3AP"],
    ["assumed-role/admin/zoe@example.com", "assumed-role/admin/P"],
    ['{"name":"Zo\\u00eb Zoelner"}', '{"name":"P"}'],
    ["Zoë Zoelner’s", "P’s"],
    ["arn:aws:iam::1:user/zoe", "P"],
    ["line\\nzoe@example.com", "line\\nP"],
  ])("%j becomes %j", (text, expected) => {
    expect(zoe.isIn(text)).toBe(true);
    expect(zoe.replace(text, "P")).toBe(expected);
  });

  test.each([
    "granzoe@example.com",
    "a.zoe@example.com",
    "zoe@example.com.au",
    "zoe@example.community",
    "Zoë Zoelnerova",
    "arn:aws:iam::1:user/zoe-2",
    "zoe",
    "",
  ])("is not in %j", (text) => {
    expect(zoe.isIn(text)).toBe(false);
    expect(zoe.replace(text, "P")).toBe(text);
  });
});
