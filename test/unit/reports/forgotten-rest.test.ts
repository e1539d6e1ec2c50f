import { describe, expect, test } from "vitest";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { eventLeaf, leafText, personalOf, toHex } from "#lib/domain/trail/event-leaf.ts";
import { NOBODY, rowText } from "#lib/domain/trail/forgetting.ts";
import { wrongWithRest as wrongByScript } from "#lib/reports/bundle/verify-bundle.mjs";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { wrongWithRest } from "#lib/services/trail/retention/forgotten-events.ts";
import type { LoggedForgetting } from "#lib/services/trail/retention/logged-forgettings.ts";

const commitments = { personal: "a".repeat(64), body: "b".repeat(64) };
const dropped: StoredEvent = {
  ...NOBODY,
  seq: 7,
  occurredAt: new Date("2026-01-10T00:00:00Z"),
  receivedAt: new Date("2026-01-10T00:01:00Z"),
  sourceKey: "trail",
  eventKey: "event 7",
  action: "get secrets",
  verbClass: "read",
  resource: "secrets/db",
  accountId: null,
  clusterKey: null,
  namespace: null,
  region: null,
  outcome: "success",
  mfa: null,
  body: null,
  salt: null,
  commitments,
  forgottenBy: 1,
};
const leaf = eventLeaf(sha256, dropped, commitments);
const told: LoggedForgetting = {
  kind: "retention",
  rule: "read, kept 60 days",
  keepClass: "read",
  before: "2026-02-01T00:00:00.000Z",
  entries: 1,
  places: "7",
  leaves: toHex(sha256(leaf)),
  rows: {},
  seq: 20,
  at: new Date("2026-04-01T00:00:00Z"),
  ranges: [[7, 8]],
};

type Change = { event?: Partial<StoredEvent>; told?: Partial<LoggedForgetting>; withRow?: boolean };

/** What the service and the script of a bundle say of the same remains; `withRow`: the entry commits to them, whatever they are. */
function saidOf({ event: change, told: toldChange, withRow = false }: Change): [string | null, string | null] {
  const event = { ...dropped, ...change };
  const rows: Record<string, string> = withRow ? { "7": toHex(sha256(Buffer.from(rowText(event, commitments)))) } : {};
  const why = { ...told, rows, ...toldChange };
  const text = leafText(event, commitments);
  const isLeaf = toHex(eventLeaf(sha256, event, commitments)) === toHex(leaf);
  const proof = {
    entry: 7,
    leaf: JSON.parse(text) as unknown[],
    personal: personalOf(event),
    record: null,
    isLeaf,
  };
  const [problem = null] = wrongByScript(proof, { ...why, at: why.at.toISOString() });
  return [wrongWithRest(event, leaf, why), problem];
}

const TOO_EARLY = "was dropped before its time was over";
const NAMES = "names somebody, although its record was dropped";
const OTHER = "is not what was left of it";

describe("what is left of a record", () => {
  test.each<[string, Change, string | null]>([
    ["is what retention leaves", {}, null],
    [
      "is what retention leaves of what had a pseudonym",
      { event: { resource: "users/person-1" }, withRow: true },
      null,
    ],
    [
      "has the columns that a pseudonym was put into",
      { event: { actor: "person-1" }, told: { kind: "pseudonym" }, withRow: true },
      null,
    ],
    ["names somebody", { event: { actor: "person-1" } }, NAMES],
    ["names somebody whom the entry commits to", { event: { actor: "person-1" }, withRow: true }, NAMES],
    ["is too young", { event: { occurredAt: new Date("2026-02-02T00:00:00Z") }, withRow: true }, TOO_EARLY],
    ["is of another class", { told: { keepClass: "write" }, withRow: true }, TOO_EARLY],
    [
      "is a sign-in, which has a class of its own",
      { event: { action: "sso.amazonaws.com:Federate" }, withRow: true },
      TOO_EARLY,
    ],
    [
      "is a proof, which is never dropped",
      { event: { sourceKey: "bursar", action: "hold.placed" }, withRow: true },
      TOO_EARLY,
    ],
    [
      "was kept for less than can be configured",
      { told: { at: new Date("2026-02-20T00:00:00Z") }, withRow: true },
      TOO_EARLY,
    ],
    ["has no end of its time", { told: { before: null }, withRow: true }, TOO_EARLY],
    ["is not what the entry commits to", { told: { rows: { "7": "0".repeat(64) } } }, OTHER],
    ["does not make the leaf", { event: { outcome: "denied" } }, OTHER],
    ["has no commitment of an order", { told: { kind: "pseudonym" } }, OTHER],
  ])("%s", (_, change, expected) => {
    expect(saidOf(change)).toEqual([expected, expected]);
  });
});
