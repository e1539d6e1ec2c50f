import { CONFIG_SOURCE } from "#demo/exports/bursar-config.ts";
import { complianceOf, isThere, pastLooks, type ConfigAccount } from "#demo/estate/compliance.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { complianceReading } from "#demo/history/compliance-reading.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { POSTURE_TABLES, refreshStatistics } from "#lib/db/refresh-statistics.ts";
import type { Database } from "#lib/db/client.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import { lastDue, lookReachMs } from "#lib/services/evaluations/look-reach.ts";
import { closePart } from "#lib/services/evaluations/close-parts.ts";
import { noteFailedLook } from "#lib/services/evaluations/note-failed-look.ts";
import { publishParts, type EvaluationPublication } from "#lib/services/evaluations/publish-evaluations.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { takeRun } from "#lib/services/runs/run-lease.ts";
import { loadSource, type LoadedSource } from "#lib/services/sources/load-source.ts";
import { configFingerprint } from "#lib/sources/aws-config/plan.ts";
import { evaluatesNothing } from "#lib/sources/aws-config/read-evaluations.ts";

type History = { database: Database; estate: Estate; now: Date };
type Seeding = History & {
  source: LoadedSource;
  known: ReadonlySet<string>;
  /** How long a look of the past spoke, and how long one of now does. */
  reachMs: { past: number; now: number };
};

const SOURCE = CONFIG_SOURCE.key;
/** Looks of the past were made once a month; since the demo is there it is one a day. */
const PAST_SCHEDULE = "0 4 1 * *";
/** Accounts whose numbers are counted together. Each has its run, and all of them commit together. */
const BATCH_ACCOUNTS = 60;

/**
 * Brings AWS Config's thirteen months into the instance through the verb that publishes what the source reads, with the monthly looks that would
 * have seen them: the worker would ask the demo's server 5,000 times, and could only ever ask about now. An instance that has them gets
 * what is so now, where the source has been due again.
 */
export async function seedCompliance(history: History): Promise<void> {
  const { database, estate, now } = history;
  const { rows } = await database.pool.query<{ part: string; last: Date }>(
    "SELECT part, last_at AS last FROM evaluation_part WHERE source_key = $1",
    [SOURCE],
  );
  const lastLooks = new Map(rows.map(({ part, last }) => [part, last]));
  const due = lastDue(CONFIG_SOURCE.schedule, now);
  const all = complianceOf(estate).filter(({ from }) => from === null || from < now);
  const wanted = all.filter((here) => {
    const last = lastLooks.get(here.account.id);
    return here.isOn && (last === undefined || (isThere(here, now) && last < due));
  });
  const seeding: Seeding = {
    ...history,
    source: await loadSource(database, SOURCE),
    known: new Set(lastLooks.keys()),
    reachMs: { past: lookReachMs(PAST_SCHEDULE, now), now: lookReachMs(CONFIG_SOURCE.schedule, now) },
  };
  for (let start = 0; start < wanted.length; start += BATCH_ACCOUNTS)
    await bring(seeding, wanted.slice(start, start + BATCH_ACCOUNTS));
  await refreshStatistics(database.pool, POSTURE_TABLES);
  if (rows.length > 0) return;
  for (const { account } of all.filter(({ isOn }) => !isOn))
    for (const at of pastLooks(estate, now))
      await noteFailedLook(database.pool, {
        sourceKey: SOURCE,
        part: account.id,
        at,
        error: evaluatesNothing(account.id),
      });
}

/** A run for each account, as the worker would make it, and all that they read in one transaction. */
async function bring(seeding: Seeding, accounts: readonly ConfigAccount[]): Promise<void> {
  const { database, source, now } = seeding;
  const context = { actor: SYSTEM_ACTOR, database, now };
  const queued = await database.transact(async (transaction) => {
    const made: { sliceId: number; runId: string; here: ConfigAccount }[] = [];
    for (const here of accounts) {
      const period = here.account.id;
      const sliceId = await ensureSlice(transaction, { sourceKey: SOURCE, dataset: source.dataset, period });
      const run = { kind: "pull", sourceKey: SOURCE, sliceId, period, trigger: "schedule", logicalTime: now } as const;
      made.push({ sliceId, runId: (await requestRun(transaction, context, run)).runId, here });
    }
    return made;
  });
  const leases = await Promise.all(queued.map(({ runId }) => takeRun(database, runId)));
  try {
    await database.transact(async ({ sql }) => {
      const publications = accounts.map((here) => publicationOf(here, seeding));
      const counts = await publishParts(context, sql, publications);
      for (const { account, to } of accounts)
        if (to !== null && to < now) await closePart(context, sql, { sourceKey: SOURCE, part: account.id, at: to });
      const fingerprint = configFingerprint(lastDue(CONFIG_SOURCE.schedule, now));
      for (const [index, { sliceId, here }] of queued.entries()) {
        const lease = leases[index];
        const offered = { period: here.account.id, fingerprint, files: [] };
        const records = counts[index]?.items ?? 0;
        if (lease) await publishDataset(sql, context, lease, { source, sliceId, offered, records });
      }
    });
  } finally {
    for (const lease of leases) lease.release();
  }
}

function publicationOf(here: ConfigAccount, { estate, now, known, reachMs }: Seeding): EvaluationPublication {
  const isKnown = known.has(here.account.id);
  // An account that was closed was last looked at before.
  const at = here.to !== null && here.to < now ? here.to : now;
  const earlier = pastLooks(estate, at)
    .filter((look) => isThere(here, look))
    .map((look) => ({ at: look, goodUntil: new Date(look.getTime() + reachMs.past) }));
  return {
    sourceKey: SOURCE,
    part: here.account.id,
    at,
    goodForMs: reachMs.now,
    reading: complianceReading(here, at, isKnown ? "now" : "ever"),
    earlier: isKnown ? [] : earlier,
  };
}
