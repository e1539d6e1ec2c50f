import { PgBoss, type JobWithMetadata } from "pg-boss";
import {
  DROP_EXPIRED,
  planSchedules,
  SAMPLE_USAGE,
  SEAL_TRAIL,
  SETTLE_TRAIL,
  WATCH_RUNS_EVERY_MS,
} from "#jobs/schedule.ts";
import type { Task } from "#jobs/task.ts";
import { dropExpired } from "#jobs/tasks/drop-expired.ts";
import { judgePeople } from "#jobs/tasks/judge-people.ts";
import { makeReport } from "#jobs/tasks/make-report.ts";
import { planSource } from "#jobs/tasks/plan-source.ts";
import { pullSlice } from "#jobs/tasks/pull-slice.ts";
import { reallocateSlice } from "#jobs/tasks/reallocate-slice.ts";
import { readUsage } from "#jobs/tasks/read-usage.ts";
import { sampleUsage } from "#jobs/tasks/sample-usage.ts";
import { sealTrail } from "#jobs/tasks/seal-trail.ts";
import { settleTrail } from "#jobs/tasks/settle-trail.ts";
import { splitCluster } from "#jobs/tasks/split-cluster.ts";
import { watchRuns } from "#jobs/tasks/watch-runs.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { loadConfig, type SourceSpec } from "#lib/config.ts";
import { connectionSettings, type Database } from "#lib/db/client.ts";
import { resolveHome, sweepScratch } from "#lib/db/home.ts";
import { toAppError, type ErrorCode } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { TaskName } from "#lib/services/runs/job-payloads.ts";
import { enqueue, QUEUE_SCHEMA } from "#lib/services/runs/queue.ts";
import { DATASET_OF_KIND } from "#lib/services/sources/load-source.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

export type Worker = {
  /** Takes no new job, gives the running ones `timeoutMs` to end, and aborts what is left. */
  stop(): Promise<void>;
};

/** `batch`: jobs that are fetched together and done one after the other, where each takes less than the pause between two fetches. */
const TASKS: Record<TaskName, { run: Task; atOnce: number; batch?: number }> = {
  "plan-source": { run: planSource, atOnce: 1 },
  // A pull keeps one processor busy and may use a gigabyte of memory.
  "pull-slice": { run: pullSlice, atOnce: 2 },
  // It waits for a server of somebody else most of the time.
  "read-usage": { run: readUsage, atOnce: 2 },
  "sample-usage": { run: sampleUsage, atOnce: 1 },
  "split-cluster": { run: splitCluster, atOnce: 1, batch: 10 },
  "make-report": { run: makeReport, atOnce: 1 },
  "reallocate-slice": { run: reallocateSlice, atOnce: 2 },
  "seal-trail": { run: sealTrail, atOnce: 1 },
  "drop-expired": { run: dropExpired, atOnce: 1 },
  "settle-trail": { run: settleTrail, atOnce: 1 },
  "judge-people": { run: judgePeople, atOnce: 1 },
};

const POLL_SECONDS = 0.5;
const QUEUE_CONNECTIONS = 3;
/** What is running when the worker is stopped is aborted after this long; its run is taken up again at the next start. */
const STOP_LIMIT_MS = 5_000;
const TRIED_AGAIN: readonly ErrorCode[] = ["throttled", "unavailable", "limit_reached", "internal"];

/**
 * Does the queued jobs of `database`: mirrors the configured sources, sets their schedules, plans each of them once, and
 * works until it is stopped. The database must be migrated and its queue prepared.
 */
export async function startWorker(database: Database): Promise<Worker> {
  const { types: _types, max: _max, ...connection } = connectionSettings(database.url);
  const boss = new PgBoss({ ...connection, max: QUEUE_CONNECTIONS, schema: QUEUE_SCHEMA, migrate: false });
  boss.on("error", (error) => log.error({ err: error }, "The job queue reports an error."));
  sweepScratch(resolveHome());
  await syncSources({ actor: SYSTEM_ACTOR, database, now: new Date() });
  await boss.start();
  await setSchedules(boss);
  await boss.schedule("sample-usage", SAMPLE_USAGE, {}, { tz: "UTC", singletonKey: "all", missed: "skip" });
  await boss.schedule("seal-trail", SEAL_TRAIL, {}, { tz: "UTC", singletonKey: "all", missed: "skip" });
  await boss.schedule("drop-expired", DROP_EXPIRED, {}, { tz: "UTC", singletonKey: "all", missed: "skip" });
  await boss.schedule("settle-trail", SETTLE_TRAIL, {}, { tz: "UTC", singletonKey: "all", missed: "skip" });
  const stopping = new AbortController();
  for (const [name, { run, atOnce, batch = 1 }] of Object.entries(TASKS)) {
    const options = {
      localConcurrency: atOnce,
      batchSize: batch,
      pollingIntervalSeconds: POLL_SECONDS,
      includeMetadata: true as const,
    };
    await boss.work(name, options, async (jobs: JobWithMetadata<object>[]) => {
      for (const job of jobs) await perform(database, name, run, job, stopping.signal);
    });
  }
  await planEverySource(database);

  const watch = startWatch(database);
  return {
    stop: async () => {
      clearInterval(watch);
      const timer = setTimeout(() => stopping.abort(new Error("The worker is being stopped.")), STOP_LIMIT_MS / 2);
      await boss.stop({ graceful: true, timeout: STOP_LIMIT_MS });
      clearTimeout(timer);
    },
  };
}

async function perform(
  database: Database,
  name: string,
  run: Task,
  job: JobWithMetadata<object>,
  stopping: AbortSignal,
): Promise<void> {
  const started = Date.now();
  const entry = { task: name, job: job.id, data: job.data };
  try {
    await run({ database, data: job.data, queuedAt: job.createdOn, signal: AbortSignal.any([job.signal, stopping]) });
    log.info({ ...entry, durationMs: Date.now() - started }, "Done.");
  } catch (thrown) {
    const error = toAppError(thrown);
    // Another worker has the run: nothing is left to do here.
    if (error.code === "superseded") return log.info(entry, error.message);
    log.error({ ...entry, err: thrown, code: error.code }, "A job failed.");
    // What people have to put right does not get better by trying again; the run's row tells them.
    if (TRIED_AGAIN.includes(error.code)) throw error;
  }
}

async function setSchedules(boss: PgBoss): Promise<void> {
  const wanted = planSchedules(loadConfig());
  const keys = new Set(wanted.map(({ key }) => key));
  for (const { key } of await boss.getSchedules("plan-source"))
    if (!keys.has(key)) await boss.unschedule("plan-source", key);
  for (const { key, cron, payload } of wanted) {
    await boss.schedule("plan-source", cron, payload, { key, tz: "UTC", singletonKey: key, missed: "skip" });
  }
}

// A start is a good moment to look: files may have come while nothing was running. Teams and rates come first, so that
// cost is given to its owners once and not again when the teams are known.
async function planEverySource(database: Database): Promise<void> {
  const logicalTime = new Date().toISOString();
  const sources = Object.entries(loadConfig().sources).toSorted(
    ([, a], [, b]) => Number(isCost(a)) - Number(isCost(b)),
  );
  for (const [sourceKey] of sources) {
    await database.transact((transaction) =>
      enqueue(transaction, "plan-source", { sourceKey, trigger: "schedule", logicalTime }, { singletonKey: sourceKey }),
    );
  }
}

function isCost(spec: SourceSpec): boolean {
  return DATASET_OF_KIND[spec.kind] === "cost";
}

function startWatch(database: Database): NodeJS.Timeout {
  let isWatching = false;
  return setInterval(() => {
    if (isWatching) return;
    isWatching = true;
    watchRuns(database)
      .catch((thrown: unknown) => log.error({ err: thrown }, "Runs that fell silent could not be looked for."))
      .finally(() => {
        isWatching = false;
      });
  }, WATCH_RUNS_EVERY_MS);
}
