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
const TEXTS = Object.keys(EVENT).filter((name) => !["occurredAt", "body"].includes(name));

test("an event that can be kept is kept as it is", () => {
  expect(storableEvent(EVENT)).toBe(EVENT);
  const bare: TrailEvent = { ...EVENT, person: null, teamKey: null, accountId: null, mfa: null };
  expect(storableEvent(bare)).toBe(bare);
});

test.each(TEXTS)("what no database keeps is replaced in %s, and nothing else is", (name) => {
  for (const [text, kept] of [
    ["a\0b", "a\uFFFDb"],
    ["a\uD800b", "a\uFFFDb"],
  ])
    expect(storableEvent({ ...EVENT, [name]: text })).toEqual({ ...EVENT, [name]: kept });
});
