import { expect, test } from "vitest";
import { parseLabelSelector } from "#lib/sources/kubernetes/label-selector.ts";

test.each([
  ["app=claims", { app: "claims" }, true],
  ["app==claims", { app: "claims" }, true],
  ["app=claims", { app: "quotes" }, false],
  ["app=claims", {}, false],
  ["app!=claims", {}, true],
  ["app", { app: "" }, true],
  ["!app", { app: "claims" }, false],
  ["!app", {}, true],
  ["app=claims,tier in (api, web)", { app: "claims", tier: "web" }, true],
  ["app=claims,tier in (api, web)", { app: "claims", tier: "batch" }, false],
  ["tier notin (batch)", {}, true],
  ["backstage.io/kubernetes-id=claims-api", { "backstage.io/kubernetes-id": "claims-api" }, true],
  ["constructor", {}, false],
] as const)("%s of %j is %s", (selector, labels, expected) => {
  expect(parseLabelSelector(selector)?.(labels)).toBe(expected);
});

test.each(["", "  ", "app=claims,", "app in api", "a b", "=x"])(
  "%j is no selector, and so selects nothing",
  (selector) => {
    expect(parseLabelSelector(selector)).toBeNull();
  },
);
