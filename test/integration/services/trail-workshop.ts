import { execFileSync } from "node:child_process";
import type { Database } from "#lib/db/client.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { verifyTrail, type PublishedHead } from "#lib/services/trail/verify-trail.ts";

/** The n-th event of a trail, in the n-th second of a day; even ones delete, odd ones create. */
export const eventOf = (n: number): TrailEvent => ({
  occurredAt: new Date(Date.UTC(2026, 2, 4, 0, 0, n)),
  sourceKey: "trail",
  eventKey: `event ${n}`,
  actor: `=cmd "and"\nline ${n}`,
  actorKind: "user",
  person: n % 3 === 1 ? "else@example.com" : "somebody@example.com",
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

/** The n-th event of a trail over a quarter: even ones read, odd ones change; every fifth is Ada's, every seventh is about claims. */
export function secretsEvent(n: number, change: Partial<TrailEvent> = {}): TrailEvent {
  return {
    occurredAt: new Date(Date.UTC(2026, n % 3, 1 + (n % 28), 10, 0, n % 60)),
    sourceKey: "trail",
    eventKey: `event ${n}`,
    actor: `user ${n % 5}`,
    actorKind: "user",
    person: n % 5 === 0 ? "ada@example.com" : "bob@example.com",
    teamKey: null,
    action: n % 2 === 0 ? "get secrets" : "patch secrets",
    verbClass: n % 2 === 0 ? "read" : "write",
    resource: "secrets/db",
    accountId: null,
    clusterKey: "one",
    namespace: n % 7 === 0 ? "claims" : "motor",
    region: null,
    outcome: "success",
    sourceAddress: "192.0.2.1",
    mfa: null,
    body: new TextEncoder().encode(`{"n":${n}}`),
    ...change,
  };
}

/** What is found where a superuser did this; it is undone. */
export async function damagesAfter(
  database: Database,
  heads: readonly PublishedHead[],
  ...statements: [string, unknown[]?][]
) {
  const sql = await database.pool.connect();
  try {
    await sql.query("BEGIN");
    await sql.query("SET LOCAL session_replication_role = replica");
    for (const [text, values] of statements) await sql.query(text, values);
    return (await verifyTrail(sql, heads)).damages;
  } finally {
    await sql.query("ROLLBACK");
    sql.release();
  }
}

/** What the script that lies in every bundle says of one, away from Bursar. Throws where it does not hold. */
export function verifiedByScript(path: string): string {
  const script = `${path}.mjs`;
  execFileSync("cp", ["lib/reports/bundle/verify-bundle.mjs", script]);
  return execFileSync(process.execPath, [script, path], { encoding: "utf8" });
}
