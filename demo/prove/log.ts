import type { PoolClient } from "pg";
import { randomFor, type Random } from "#demo/estate/random.ts";
import { DERIVED_ATTACKS } from "#demo/prove/derived-attacks.ts";
import { forgeForgetting, type Forged } from "#demo/prove/forged-forgetting.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { SYSTEM_ACTOR, type Actor } from "#lib/access/actor.ts";
import { recordActivity, type ActivityEntry } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { readEventRange } from "#lib/db/trail/read-event-range.ts";
import { readFrontier, readLeafTiles, writeTiles } from "#lib/db/trail/merkle-tiles.ts";
import { createTreeRebuild } from "#lib/domain/merkle/rebuild-tree.ts";
import { appendLeaves } from "#lib/domain/merkle/tiles.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import type { Retention } from "#lib/domain/trail/retention.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { pseudonymisePerson } from "#lib/services/trail/people/pseudonymise-person.ts";
import { sealActivity } from "#lib/services/trail/append/seal-activity.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { leafOfStored, openStored } from "#lib/services/trail/verify/stored-leaf.ts";
import {
  verifyTrail,
  verifyTrailIn,
  type PublishedHead,
  type TrailVerdict,
} from "#lib/services/trail/verify/verify-trail.ts";

const BATCHES = [300, 1, 257, 180];
/** As many as are asked for by the promise. */
const VARIATIONS = 1_000;
const SEED = "log";

/** What the owner of the database could do to the log, each to a place that chance chooses. Answers what was done. */
const ATTACKS: Record<string, (sql: PoolClient, random: Random, size: number) => Promise<void>> = {
  "a column changed": changeColumn,
  "an entry removed": removeSome,
  "the end cut off": cutEnd,
  "everything removed": (sql) => run(sql, "TRUNCATE event"),
  "a record taken away and called dropped": callDropped,
  "a record taken away and an entry about it put at the end": forge,
  "two entries exchanged": exchange,
  "an entry removed and another put in": replaceOne,
  "an entry put in": insertOne,
  "a tile of the tree changed": changeTile,
  "a column changed and the tree computed anew": async (sql, random, size) => {
    await changeColumn(sql, random, size);
    await computeAnew(sql);
  },
  "the end cut off and the tree computed anew": async (sql, random, size) => {
    await cutEnd(sql, random, size);
    await computeAnew(sql);
  },
  "two entries exchanged and the tree computed anew": async (sql, random, size) => {
    await exchange(sql, random, size);
    await computeAnew(sql);
  },
  ...DERIVED_ATTACKS,
};

/**
 * A log is written and its heads are kept outside of the database. Then a superuser changes it, or what is made of it, in a thousand ways, each of which is looked
 * for by itself and undone. The untouched log has to be found whole before and after, and so has one that has grown, in which a person got a pseudonym, and of
 * which records were dropped when their time was over.
 */
export async function proveLog(
  { database }: Pick<ProvedEstate, "database">,
  variations = VARIATIONS,
): Promise<Measure[]> {
  const random = randomFor(SEED);
  const sql = await database.pool.connect();
  try {
    const heads = await writeLog(sql, random);
    const size = heads.at(-1)?.size ?? 0;
    const before = await verifyTrail(database.pool, heads);
    const found = new Map<string, { tried: number; detected: number }>();
    const names = Object.keys(ATTACKS);
    for (let variation = 0; variation < variations; variation++) {
      const name = names[variation % names.length] as string;
      const count = found.get(name) ?? { tried: 0, detected: 0 };
      found.set(name, count);
      count.tried++;
      await sql.query("BEGIN");
      // Triggers do not stop a superuser.
      await sql.query("SET LOCAL session_replication_role = replica");
      await ATTACKS[name]?.(sql, random, size);
      const verdict = await verifyTrailIn(sql, heads);
      if (verdict.damages.length > 0) count.detected++;
      await sql.query("ROLLBACK");
    }
    const alarms = ({ damages, notListed }: TrailVerdict) => String(damages.length + notListed);
    const after = alarms(await verifyTrail(database.pool, heads));
    return [
      { promise: "log", measure: "entries", expected: String(size), found: String(before.entries) },
      { promise: "log", measure: "alarms on the untouched log", expected: "0", found: alarms(before) },
      ...[...found].map(([name, { tried, detected }]) => ({
        promise: "log",
        measure: `${name}: detected`,
        expected: String(tried),
        found: String(detected),
      })),
      { promise: "log", measure: "alarms afterwards", expected: "0", found: after },
      ...(await workOn(database, random, heads)).map(([measure, expected, found]) => ({
        promise: "log",
        measure,
        expected,
        found,
      })),
    ];
  } finally {
    sql.release();
  }
}

const OWN_ENTRIES = 5;
const ADMIN: Actor = { id: "root@example.com", name: "Root", role: "admin", teamKey: null };
const PERSON = "person-7@example.com";

function ownEntry(n: number, at: Date): ActivityEntry {
  const actor = { ...ADMIN, id: n === 0 ? PERSON : ADMIN.id };
  return { at, actor, action: "rule.saved", subject: `rule ${n}`, before: { share: n }, after: { share: n + 1 } };
}

/** What Bursar itself does to a log, each with the alarms there are afterwards. */
async function workOn(
  database: Database,
  random: Random,
  heads: readonly PublishedHead[],
): Promise<[string, string, string][]> {
  const context = { database, actor: ADMIN, now: new Date("2026-12-20T08:00:00Z") };
  const alarms = async () => {
    const { rows } = await database.pool.query<PublishedHead>(
      "SELECT size::float8 AS size, root FROM tree_head ORDER BY size",
    );
    const { damages, notListed } = await verifyTrail(database.pool, [...heads, ...rows]);
    return String(damages.length + notListed);
  };
  const more = Array.from({ length: MORE_EVENTS }, (_, n) => eventOf(1_000_000 + n, random));
  await database.transact(({ sql }) => appendEvents(sql, more, context.now));
  const grown = await alarms();
  const { changed } = await pseudonymisePerson(context, { person: PERSON, reason: "The person asked for it." });
  const named = await alarms();
  const { dropped } = await dropExpired({ ...context, actor: SYSTEM_ACTOR }, { retention: KEPT });
  const forgotten = await alarms();
  return [
    ["alarms after more events", "0", grown],
    ["a person got a pseudonym", "true", String(changed > 0)],
    ["alarms after a pseudonym", "0", named],
    ["records were dropped", "true", String(dropped > 0)],
    ["alarms after records were dropped", "0", forgotten],
  ];
}

const MORE_EVENTS = 100;
/** Of what writeLog writes about half is older. */
const KEPT: Retention = { write: { count: 110, unit: "days" }, bursar: { count: 60, unit: "days" } };

async function writeLog(sql: PoolClient, random: Random): Promise<PublishedHead[]> {
  const heads: PublishedHead[] = [];
  let written = (await readFrontier(sql)).size;
  for (const batch of BATCHES) {
    const events = Array.from({ length: batch }, (_, n) => eventOf(written + n, random));
    written += batch;
    await sql.query("BEGIN");
    const at = new Date(`2026-10-0${heads.length + 1}T08:00:00Z`);
    await appendEvents(sql, events, at);
    for (let n = 0; n < OWN_ENTRIES; n++) await recordActivity(sql, ownEntry(n, at));
    while ((await sealActivity(sql, at)).more);
    await sql.query("COMMIT");
    heads.push(await headOf(sql));
  }
  // It waits to come into the trail.
  await recordActivity(sql, ownEntry(2, new Date("2026-10-09T00:00:00Z")));
  return heads;
}

/** As somebody outside would compute it, who was given the leaves. */
export async function headOf(sql: PoolClient): Promise<PublishedHead> {
  const { size } = await readFrontier(sql);
  const tiles = await readLeafTiles(sql, 0, Math.ceil(size / 256));
  const rebuilt = createTreeRebuild(sha256);
  rebuilt.add(tiles);
  return { size, root: toHex(rebuilt.root(size, (index) => tiles[index])) };
}

function eventOf(n: number, random: Random): TrailEvent {
  const day = String(1 + random.below(28)).padStart(2, "0");
  const isPerson = random.below(2) === 0;
  const event: TrailEvent = {
    occurredAt: new Date(`2026-0${8 + random.below(2)}-${day}T10:00:00.000Z`),
    sourceKey: "trail",
    eventKey: `entry-${n}`,
    actor: `arn:aws:iam::111122223333:${isPerson ? "user" : "role"}/${random.below(40)}`,
    actorKind: isPerson ? "user" : "role",
    person: isPerson ? `person-${random.below(40)}@example.com` : null,
    teamKey: null,
    action: "ec2.amazonaws.com:RunInstances",
    verbClass: "write",
    resource: `i-${random.below(1_000_000)}`,
    accountId: "111122223333",
    clusterKey: null,
    namespace: null,
    region: "eu-central-1",
    outcome: "success",
    sourceAddress: `198.51.100.${random.below(250)}`,
    mfa: null,
    body: new TextEncoder().encode(JSON.stringify({ n, noise: random.below(1_000_000_000) })),
  };
  return { ...event, ...toldBy(n, random) };
}

/** Some events tell of change requests, of who made a namespace, and of what a person does in one. */
function toldBy(n: number, random: Random): Partial<TrailEvent> {
  const person = `person-${random.below(40)}@example.com`;
  const inCluster = { clusterKey: "one", namespace: `app-${random.below(60)}`, person };
  const ticket = {
    number: `CHG${random.below(40)}`,
    "assigned_to.email": person,
    start_date: "2026-09-01 09:00:00",
    end_date: "2026-09-01 11:00:00",
    approval: "approved",
  };
  switch (n % 12) {
    case 0:
      return { action: "change_request implement", body: new TextEncoder().encode(JSON.stringify(ticket)) };
    case 1:
      return { ...inCluster, action: "create namespaces", resource: `namespaces/${inCluster.namespace}` };
    case 2:
      return { ...inCluster, action: "patch deployments", resource: "deployments/web" };
    default:
      return {};
  }
}

const TEXT_COLUMNS = [
  "event_key",
  "actor",
  "action",
  "resource",
  "account_id",
  "region",
  "outcome",
  "source_address",
  "source_key",
  "verb_class",
  "actor_kind",
  "person",
  "team_key",
  "mfa",
  "namespace",
  "cluster_key",
];
const OTHER_CHANGES = [
  "body = '\\x0300'",
  "salt = '\\x00'",
  "received_at = received_at + interval '1 second'",
  "occurred_at = occurred_at + interval '1 millisecond'",
  "body = NULL, salt = NULL",
];

async function changeColumn(sql: PoolClient, random: Random, size: number): Promise<void> {
  const which = random.below(TEXT_COLUMNS.length + OTHER_CHANGES.length);
  const column = TEXT_COLUMNS[which];
  const change = column ? `${column} = coalesce(${column}, '') || 'x'` : OTHER_CHANGES[which - TEXT_COLUMNS.length];
  await run(sql, `UPDATE event SET ${change} WHERE seq = $1`, [random.below(size)]);
}

async function removeSome(sql: PoolClient, random: Random, size: number): Promise<void> {
  const from = random.below(size);
  await run(sql, "DELETE FROM event WHERE seq >= $1 AND seq <= $2", [from, from + random.below(5)]);
}

/** With the right commitments and nobody's name, as retention leaves it; only the entry of the log is missing. */
async function callDropped(sql: PoolClient, random: Random, size: number): Promise<void> {
  const [event] = await readEventRange(sql, random.below(size), null);
  const opened = event && openStored(event);
  if (!opened) throw new Error("The log that is attacked has no such entry.");
  await run(
    sql,
    `UPDATE event SET body = NULL, salt = NULL, commitments = $2, actor = '', actor_kind = 'unknown', person = NULL, team_key = NULL,
       source_address = NULL, forgotten_by = 1 WHERE seq = $1`,
    [event.seq, JSON.stringify(opened.commitments)],
  );
}

/** As orders, as retention that would hold, as retention that names somebody, and as one that came too early. */
const FORGED: readonly Forged[] = [
  { kind: "pseudonym", actor: "person-000000000000", days: [0, 1] },
  { kind: "retention", actor: "", days: [1, 60] },
  { kind: "retention", actor: "arn:aws:iam::111122223333:user/other", days: [1, 60] },
  { kind: "retention", actor: "", days: [0, 1] },
];

async function forge(sql: PoolClient, random: Random, size: number): Promise<void> {
  const forged = FORGED[random.below(FORGED.length)] as Forged;
  await forgeForgetting(sql, random.below(size), forged);
}

async function cutEnd(sql: PoolClient, random: Random, size: number): Promise<void> {
  await run(sql, "DELETE FROM event WHERE seq >= $1", [size - 1 - random.below(size - 1)]);
}

async function exchange(sql: PoolClient, random: Random, size: number): Promise<void> {
  const one = random.below(size);
  const other = (one + 1 + random.below(size - 1)) % size;
  await run(sql, "UPDATE event SET seq = -5 WHERE seq = $1", [one]);
  await run(sql, "UPDATE event SET seq = $1 WHERE seq = $2", [one, other]);
  await run(sql, "UPDATE event SET seq = $1 WHERE seq = -5", [other]);
}

async function replaceOne(sql: PoolClient, random: Random, size: number): Promise<void> {
  const seq = random.below(size);
  await run(sql, "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM event WHERE seq = $1", [(seq + 1) % size]);
  await run(sql, "DELETE FROM event WHERE seq = $1", [seq]);
  await run(sql, "UPDATE kept SET seq = $1, event_key = event_key || '-again'", [seq]);
  await run(sql, "INSERT INTO event SELECT * FROM kept");
}

async function insertOne(sql: PoolClient, random: Random, size: number): Promise<void> {
  // Two entries in the same place would be refused where they happened at the same time, too.
  await run(sql, "ALTER TABLE event DROP CONSTRAINT event_pkey");
  await run(sql, "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM event WHERE seq = $1", [random.below(size)]);
  await run(sql, "UPDATE kept SET seq = $1, event_key = event_key || '-new'", [
    random.below(2) === 0 ? size : random.below(size),
  ]);
  await run(sql, "INSERT INTO event SELECT * FROM kept");
}

async function changeTile(sql: PoolClient, random: Random): Promise<void> {
  await run(
    sql,
    `UPDATE merkle_tile SET hashes = set_byte(hashes, $1 % length(hashes), (get_byte(hashes, $1 % length(hashes)) + 1) % 256)
     WHERE (level, index) = (SELECT level, index FROM merkle_tile ORDER BY md5(level::text || index::text || $2) LIMIT 1)`,
    [random.below(8_192), String(random.below(1_000_000))],
  );
}

/** What a clever owner of the database would do next: a tree that fits to what is there now. */
async function computeAnew(sql: PoolClient): Promise<void> {
  const events = await readEventRange(sql, 0, 1_000_000);
  const leaves = events.flatMap((event) => leafOfStored(event) ?? []);
  await run(sql, "DELETE FROM merkle_tile");
  await writeTiles(
    sql,
    appendLeaves(sha256, () => undefined, 0, leaves),
  );
}

async function run(sql: PoolClient, text: string, values: unknown[] = []): Promise<void> {
  await sql.query(text, values);
}
