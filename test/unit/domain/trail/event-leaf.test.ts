import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commitTo, eventLeaf, leafText, personalOf } from "#lib/domain/trail/event-leaf.ts";

const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest();
const sha256Hex = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");

/** Most texts are written as they stand; these are not, each by itself or among others. */
const text = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    '"',
    "\\",
    "\u007F",
    "\0",
    "\n",
    "é",
    "😀",
    "a".repeat(20_000),
    '"'.repeat(20_000),
    "€".repeat(9_000),
  ),
);
const maybe = fc.option(text);
const event = fc.record({
  occurredAt: fc.date({ noInvalidDate: true }),
  receivedAt: fc.date({ noInvalidDate: true }),
  sourceKey: text,
  eventKey: text,
  actor: text,
  actorKind: fc.constantFrom("user", "role", "service"),
  person: maybe,
  teamKey: maybe,
  action: text,
  verbClass: fc.constantFrom("read", "write", "admin"),
  resource: text,
  accountId: maybe,
  clusterKey: maybe,
  namespace: maybe,
  region: maybe,
  outcome: fc.constantFrom("success", "failure", "denied"),
  sourceAddress: maybe,
  body: fc.uint8Array({ maxLength: 100 }),
});
const salt = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");

test("a leaf is the hash of its text, and commitments are those of theirs, whatever letters stand in them", () => {
  fc.assert(
    fc.property(event, (one) => {
      const commitments = commitTo(sha256Hex, salt, one);
      expect(commitments).toEqual({
        personal: sha256Hex(Buffer.concat([salt, Buffer.from(JSON.stringify(personalOf(one)))])),
        body: sha256Hex(Buffer.concat([salt, one.body])),
      });
      const leaf = eventLeaf(sha256, one, commitments);
      expect(Buffer.from(leaf).toString("hex")).toBe(
        sha256Hex(Buffer.concat([Buffer.of(0), Buffer.from(leafText(one, commitments))])),
      );
    }),
    { numRuns: 500 },
  );
});

test("a leaf's text is a JSON array of fixed order", () => {
  const instant = new Date("2026-03-02T01:02:03.004Z");
  const columns = {
    occurredAt: instant,
    receivedAt: instant,
    sourceKey: "trail",
    eventKey: "1",
    action: "s3.amazonaws.com:GetObject",
    verbClass: "read",
    resource: 'say "a"',
    accountId: "111122223333",
    clusterKey: null,
    namespace: null,
    region: null,
    outcome: "success",
  } as const;
  expect(leafText(columns, { personal: "aa", body: "bb" })).toBe(
    String.raw`[1,"2026-03-02T01:02:03.004Z","2026-03-02T01:02:03.004Z","trail","1","s3.amazonaws.com:GetObject","read","say \"a\"","111122223333",null,null,null,"success","aa","bb"]`,
  );
});
