import { execFileSync } from "node:child_process";
import type { PoolClient } from "pg";
import type { Database } from "#lib/db/client.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { verifyTrailIn, type PublishedHead } from "#lib/services/trail/verify/verify-trail.ts";

/** A search for everything. */
export { ANYTHING as TRAIL_QUERY } from "#lib/services/trail/search/trail-search.ts";

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

/** What a superuser does: a statement with its values, or several. */
type Deed = [string, unknown[]?] | ((sql: PoolClient) => Promise<unknown>);

/** What was published so far, as the file outside of the database has it too. */
export async function publishedHeads({ pool }: Pick<Database, "pool">): Promise<PublishedHead[]> {
  const { rows } = await pool.query<PublishedHead>("SELECT size::int AS size, root FROM tree_head ORDER BY size");
  return rows;
}

/** What is found where a superuser did this; it is undone. */
export async function damagesAfter(database: Database, heads: readonly PublishedHead[], ...deeds: Deed[]) {
  const sql = await database.pool.connect();
  try {
    await sql.query("BEGIN");
    await sql.query("SET LOCAL session_replication_role = replica");
    for (const deed of deeds)
      if (typeof deed === "function") await deed(sql);
      else await sql.query(...deed);
    return (await verifyTrailIn(sql, heads)).damages;
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

const at = (n: number, instant: string, changes: Partial<TrailEvent>): TrailEvent => ({
  ...eventOf(n),
  occurredAt: new Date(instant),
  sourceKey: "windows",
  eventKey: `window ${n}`,
  action: `a:${n}`,
  ...changes,
});

/** A sign-in as CloudTrail tells it, which alone says whether a second factor was used. */
const signIn = (n: number, mfa: "yes" | "no"): Partial<TrailEvent> => ({
  action: "signin.amazonaws.com:ConsoleLogin",
  mfa,
  body: new TextEncoder().encode(
    JSON.stringify({
      eventID: `sign-in ${n}`,
      eventTime: "2026-10-23T06:00:00Z",
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      userIdentity: { type: "Root" },
      additionalEventData: { MFAUsed: mfa === "yes" ? "Yes" : "No" },
    }),
  ),
});

export const signInAt = (n: number, mfa: "yes" | "no") => at(n, "2026-10-23T06:00:00Z", signIn(n, mfa));

/** Inside and outside of working hours in Berlin, which is two hours ahead of UTC until 25 October 2026, a Sunday, and one hour from then on. */
export const WINDOW_EVENTS: readonly TrailEvent[] = [
  at(0, "2026-10-23T05:30:00Z", { action: "a:In" }),
  at(1, "2026-10-23T04:30:00Z", { action: "a:Early", verbClass: "admin" }),
  at(2, "2026-10-26T05:30:00Z", { action: "a:EarlyInWinter" }),
  at(3, "2026-10-25T10:00:00Z", { action: "a:Sunday" }),
  at(4, "2026-10-25T10:00:00Z", { action: "a:Service", actorKind: "service" }),
  at(5, "2026-10-25T10:00:00Z", { action: "a:Read", verbClass: "read" }),
  at(6, "2026-10-24T23:30:00Z", { action: "a:SaturdayNight" }),
  signInAt(7, "no"),
  signInAt(8, "yes"),
  at(9, "2026-10-25T10:00:00Z", { action: "signin.amazonaws.com:ConsoleLogin" }),
];

const deployAt = (n: number, instant: string, namespace: string, clusterKey: string | null): TrailEvent =>
  at(30 + n, instant, {
    sourceKey: "deploys",
    eventKey: `deploy ${n}`,
    action: "Deployed",
    resource: `applications/${namespace}`,
    clusterKey,
    namespace,
    actorKind: "service",
    person: null,
  });

/** Deploys near that Sunday's change, of its namespace, of another one and of another cluster's, and one that is too long before. */
export const DEPLOYS = [
  deployAt(0, "2026-10-25T09:55:00Z", "claims", "one"),
  deployAt(1, "2026-10-25T09:56:00Z", "motor", null),
  deployAt(2, "2026-10-25T08:30:00Z", "claims", "one"),
  deployAt(3, "2026-10-25T09:57:00Z", "claims", "two"),
];

/** A version of a change request for that Sunday, written at an instant. */
export function ticketAt(instant: string, changes: object): TrailEvent {
  const record = {
    number: "CHG0030001",
    "assigned_to.email": "Somebody@example.com",
    start_date: { value: "2026-10-25 09:00:00", display_value: "25.10.2026 10:00:00" },
    end_date: "2026-10-25 11:00:00",
    approval: "approved",
    state: "-1",
    ...changes,
  };
  const body = new TextEncoder().encode(JSON.stringify(record));
  const told = { action: "change_request implement", sourceKey: "changes", person: null, body };
  return at(20, instant, { ...told, eventKey: `ticket ${instant}` });
}

const isDropped = (line: string) => line.includes('"salt":null');
const changeDropped = (change: (proof: Record<string, unknown>) => object) => (text: string) =>
  text.replace(text.split("\n").find(isDropped) ?? "", (line) => JSON.stringify(change(JSON.parse(line))));
const changeWhole = (text: string) =>
  text.replace(text.split("\n").find((line) => line !== "" && !isDropped(line)) ?? "", (line) =>
    JSON.stringify({ ...JSON.parse(line), salt: null, record: null, personal: ["", "unknown", null, null, null] }),
  );
/** Changes of a bundle in which records are gone, and what shows them. */
export const FORGOTTEN_CHANGES: [string, (text: string) => string, RegExp][] = [
  [
    "proof/events.jsonl",
    changeDropped((proof) => ({ ...proof, personal: ["x", "unknown", null, null, null] })),
    /not what was left/,
  ],
  [
    "proof/events.jsonl",
    changeDropped((proof) => ({ ...proof, record: "{}" })),
    /a record without what it is checked with/,
  ],
  ["proof/events.jsonl", changeWhole, /has lost its record, and nothing here says why/],
  [
    "proof/forgotten.jsonl",
    (text) => text.replace("write, kept", "read, kept"),
    /says why records are gone, has another record/,
  ],
  ["proof/forgotten.jsonl", () => "", /has lost its record, and nothing here says why/],
];

/** Terms whose places are not those that the database itself computes from the events as they stand. */
export async function differingTerms({ pool }: Pick<Database, "pool">): Promise<unknown[]> {
  const { rows } = await pool.query(`
    SELECT term, day, block, own.places AS should, d.places AS is FROM (
      SELECT event_term_hash(t) AS term, event_day(e.occurred_at) AS day, (e.seq / 16384)::int AS block, count(*)::int AS count,
        string_agg(int2send((e.seq % 16384)::smallint), ''::bytea ORDER BY e.seq) AS places
      FROM event e, unnest(CASE WHEN body IS NULL AND actor = '' THEN '{*}'
        ELSE event_terms(e) || ('keep=' || event_keep_class(source_key, action, verb_class)) END) AS t GROUP BY 1, 2, 3) own
    FULL JOIN (SELECT term, day, block, count(*)::int AS count, string_agg(place, ''::bytea ORDER BY place) AS places
      FROM event_term_day, LATERAL (SELECT substring(places FROM n FOR 2) AS place FROM generate_series(1, octet_length(places), 2) n) p GROUP BY 1, 2, 3) d
    USING (term, day, block) WHERE own.places IS DISTINCT FROM d.places OR own.count IS DISTINCT FROM d.count`);
  return rows;
}
