import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

const EVENT: TrailEvent = {
  occurredAt: new Date("2026-03-02T00:00:00Z"),
  sourceKey: "trail",
  eventKey: "key",
  actor: "actor",
  actorKind: "user",
  person: "person",
  teamKey: "team",
  action: "action",
  verbClass: "read",
  resource: "resource",
  accountId: "account",
  clusterKey: "cluster",
  namespace: "namespace",
  region: "region",
  outcome: "success",
  sourceAddress: "address",
  mfa: "no",
  body: Buffer.from("a\0b"),
};
const storable = (event: TrailEvent) => storableEvent((data) => hash("sha256", data), event);
const TEXTS = Object.keys(EVENT).filter((name) => !["occurredAt", "body"].includes(name));

test("an event that can be kept is kept as it is", () => {
  expect(storable(EVENT)).toBe(EVENT);
  const bare: TrailEvent = { ...EVENT, person: null, teamKey: null, accountId: null, mfa: null };
  expect(storable(bare)).toBe(bare);
});

test.each(TEXTS)("what no database keeps is replaced in %s, and nothing else is", (name) => {
  for (const [text, kept] of [
    ["a\0b", "a\uFFFDb"],
    ["a\uD800b", "a\uFFFDb"],
  ])
    expect(storable({ ...EVENT, [name]: text })).toEqual({ ...EVENT, [name]: kept });
});

test.each(TEXTS)("what is longer than any name is cut off in %s, and stays one of its own", (name) => {
  const [one, two] = ["a", "b"].map((end) => storable({ ...EVENT, [name]: "n".repeat(5_000) + end }));
  const textOf = (event = EVENT) => String(event[name as keyof TrailEvent]);
  expect(textOf(one)).not.toBe(textOf(two));
  expect(textOf(one)).toHaveLength(265);
});

test("an address that no index has room for is cut off too", () => {
  const sourceAddress = `${"198.51.100.7, ".repeat(100)}192.0.2.1`;
  expect(storable({ ...EVENT, sourceAddress }).sourceAddress?.length).toBeLessThan(300);
});

test("a key that no index has room for is cut off and stays one of its own", () => {
  const key = "ä".repeat(4_000);
  const keys = [key, `${key}b`, `${key.slice(1)}b`].map((eventKey) => storable({ ...EVENT, eventKey }).eventKey);
  expect(new Set(keys).size).toBe(3);
  for (const kept of keys) expect(Buffer.byteLength(kept)).toBeLessThan(1_000);
  expect(storable({ ...EVENT, eventKey: key }).eventKey).toBe(keys[0]);
  // A half of a sign is not kept where the cut goes through it.
  expect(storable({ ...EVENT, eventKey: `a${"😀".repeat(1_000)}` }).eventKey.isWellFormed()).toBe(true);
  const usual = "k".repeat(500);
  expect(storable({ ...EVENT, eventKey: usual }).eventKey).toBe(usual);
});

test("an event that names nobody is somebody's who is not known: without any actor it would count as dropped", () => {
  expect(storable({ ...EVENT, actor: "" }).actor).toBe("unknown");
});
