import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** The n-th event of a trail, in the n-th second of a day; even ones delete, odd ones create. */
export const eventOf = (n: number): TrailEvent => ({
  occurredAt: new Date(Date.UTC(2026, 2, 4, 0, 0, n)),
  sourceKey: "trail",
  eventKey: `event ${n}`,
  actor: `=cmd "and"\nline ${n}`,
  actorKind: "user",
  person: "somebody@example.com",
  teamKey: null,
  action: n % 2 === 0 ? "delete namespaces" : "create namespaces",
  verbClass: "write",
  resource: "namespaces/claims",
  accountId: null,
  clusterKey: "one",
  namespace: "claims",
  region: null,
  outcome: "success",
  sourceAddress: "192.0.2.1",
  mfa: null,
  // One record is no UTF-8: its bytes have to come out again all the same.
  body: n === 4 ? Uint8Array.of(0x22, 0xff, 0x22) : new TextEncoder().encode(`{"n":${n},"to":"Zoë"}`),
});

/** What changes the n-th line of a bundle's proofs. */
export const changeLine = (n: number, change: (proof: Record<string, unknown>) => object) => (text: string) =>
  text
    .split("\n")
    .map((line, at) => (at === n ? JSON.stringify(change(JSON.parse(line))) : line))
    .join("\n");
