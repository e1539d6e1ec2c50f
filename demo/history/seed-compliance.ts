import type { PoolClient } from "pg";
import { CONFIG_SOURCE } from "#demo/exports/bursar-config.ts";
import { complianceOf, isThere, pastLooks, type ConfigAccount } from "#demo/estate/compliance.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { complianceReading } from "#demo/history/compliance-reading.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { lastDue, lookReachMs } from "#lib/services/evaluations/look-reach.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { configFingerprint } from "#lib/sources/aws-config/plan.ts";

type History = { database: Database; estate: Estate; now: Date };

const SOURCE = CONFIG_SOURCE.key;

/**
 * Marks the accounts as read since the source was last due, so that the worker does not ask the demo's server 5,000 times while people wait
 * for the first page. `seedCompliance` brings what it would have read.
 */
export async function reserveCompliance({ database, estate, now }: History): Promise<void> {
  const parts = seededAccounts(estate, now).filter((account) => isThere(account, now));
  await database.pool.query(
    `INSERT INTO slice (source_key, dataset, period, offered, published) SELECT $1, 'evaluations', part, $3, $3 FROM unnest($2::text[]) part
     ON CONFLICT (source_key, dataset, period) DO UPDATE SET offered = $3, published = $3`,
    [SOURCE, parts.map(({ account }) => account.id), fingerprintAt(now)],
  );
}

/**
 * Brings AWS Config's thirteen months into the instance, with the weekly looks that would have seen them. An instance that has them gets what
 * has changed since, where the source has been due again.
 */
export async function seedCompliance(history: History): Promise<void> {
  const { database, estate, now } = history;
  const { rows } = await database.pool.query<{ part: string; last: Date }>(
    "SELECT part, last_at AS last FROM evaluation_part WHERE source_key = $1",
    [SOURCE],
  );
  const accounts = seededAccounts(estate, now);
  const off = complianceOf(estate).find(({ isOn }) => !isOn);
  if (rows.length === 0 && off) await noteFailedLooks(database.pool, off.account.id, pastLooks(estate, now));
  const lastLooks = new Map(rows.map(({ part, last }) => [part, last]));
  const due = lastDue(CONFIG_SOURCE.schedule, now);
  for (const here of accounts) {
    const last = lastLooks.get(here.account.id);
    if (last !== undefined && (!isThere(here, now) || last >= due)) continue;
    await database.transact(async ({ sql }) => {
      await (last === undefined ? bringPast(sql, history, here) : publish(sql, history, here, now));
      if (isThere(here, now)) await markRead(sql, [here], now);
    });
  }
}

function seededAccounts(estate: Estate, now: Date): ConfigAccount[] {
  return complianceOf(estate).filter(({ isOn, from }) => isOn && (from === null || from < now));
}

function fingerprintAt(now: Date): string {
  return configFingerprint(lastDue(CONFIG_SOURCE.schedule, now));
}

/** All that was ever so in one account, and the weekly looks that would have seen it. */
async function bringPast(sql: PoolClient, history: History, here: ConfigAccount): Promise<void> {
  const { estate, now } = history;
  const part = here.account.id;
  const at = here.to !== null && here.to < now ? here.to : now;
  await publish(sql, history, here, at);
  const looks = pastLooks(estate, at).filter((look) => isThere(here, look));
  await sql.query(
    `INSERT INTO evaluation_look (source_key, part, at, outcome, good_until)
     SELECT $1, $2, look, 'complete', look + interval '7 days' FROM unnest($3::timestamptz[]) look`,
    [SOURCE, part, looks],
  );
  const begin = here.from ?? new Date(`${estate.calendar.start}T00:00:00Z`);
  await sql.query("UPDATE evaluation_part SET first_at = $3 WHERE source_key = $1 AND part = $2", [
    SOURCE,
    part,
    begin,
  ]);
  await sql.query("UPDATE compliance_rule SET seen_from = $3 WHERE source_key = $1 AND part = $2", [
    SOURCE,
    part,
    begin,
  ]);
}

async function publish(sql: PoolClient, { database, now }: History, here: ConfigAccount, at: Date): Promise<void> {
  const context = { actor: SYSTEM_ACTOR, database, now };
  await publishEvaluations(context, sql, {
    sourceKey: SOURCE,
    part: here.account.id,
    at,
    goodForMs: lookReachMs(CONFIG_SOURCE.schedule, now),
    reading: complianceReading(here, at),
  });
}

/** The runs and the publications that the slices of the accounts would have had. */
async function markRead(sql: PoolClient, accounts: readonly ConfigAccount[], now: Date): Promise<void> {
  await sql.query(
    `WITH made AS (
       INSERT INTO run (id, kind, source_key, slice_id, period, state, trigger, requested_by, logical_time, queued_at, started_at, finished_at, counts)
       SELECT gen_random_uuid(), 'pull', $1, s.id, s.period, 'succeeded', 'schedule', 'system', $3, $3, $3, $3,
         jsonb_build_object('files', 0, 'lineItems', n.items, 'rollupRows', n.items, 'keys', 0, 'bytes', 0)
       FROM slice s CROSS JOIN LATERAL (
         SELECT count(*) AS items FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
         WHERE c.grain = 'full' AND c.source_key = $1 AND c.part = s.period AND e.valid_to IS NULL AND e.retired_at IS NULL) n
       WHERE s.source_key = $1 AND s.dataset = 'evaluations' AND s.period = ANY($2) RETURNING id, slice_id
     ), published AS (
       INSERT INTO publication (slice_id, run_id, published_at, reason, fingerprint) SELECT slice_id, id, $3, 'load', $4 FROM made
       RETURNING id, slice_id
     ) UPDATE slice SET publication_id = published.id, published = $4, stale = false FROM published WHERE slice.id = published.slice_id`,
    [SOURCE, accounts.map(({ account }) => account.id), now, fingerprintAt(now)],
  );
}

/** Nobody has ever seen anything in this account, week after week. */
async function noteFailedLooks(sql: SqlExecutor, part: string, looks: readonly Date[]): Promise<void> {
  const error = {
    code: "invalid_config",
    message: `AWS Config evaluates nothing in the account ${part}: it has no rules there.`,
    remedy:
      "Turn a configuration recorder on in the account and give it rules, or leave the account out of the source.",
    place: null,
  };
  await sql.query(
    `INSERT INTO evaluation_look (source_key, part, at, outcome, good_until, error)
     SELECT $1, $2, look, 'failed', look, $4 FROM unnest($3::timestamptz[]) look`,
    [SOURCE, part, looks, JSON.stringify(error)],
  );
}
