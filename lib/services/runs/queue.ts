import { PgBoss, type Queue } from "pg-boss";
import type { Database, Transaction } from "#lib/db/client.ts";
import { jobPayloads, TASK_NAMES, type JobPayload, type TaskName } from "#lib/services/runs/job-payloads.ts";

export const QUEUE_SCHEMA = "pgboss";

const HOUR_SECONDS = 3_600;

/** How each task's jobs are kept and tried. A worker that says nothing for `heartbeatSeconds` has lost its job. */
const QUEUES: Record<TaskName, Omit<Queue, "name">> = {
  // Of a source's plans one waits at most: another would list the same again.
  "plan-source": { policy: "short", retryLimit: 2, retryDelay: 30, retryBackoff: true, expireInSeconds: HOUR_SECONDS },
  // One slice is pulled by one run at a time; that is decided by the run's row, see request-run.ts.
  "pull-slice": {
    policy: "standard",
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    heartbeatSeconds: 60,
    expireInSeconds: 12 * HOUR_SECONDS,
  },
  // Of a cluster's readings one waits at most: another would read the same days.
  "read-usage": {
    policy: "short",
    retryLimit: 2,
    retryDelay: 60,
    retryBackoff: true,
    expireInSeconds: 2 * HOUR_SECONDS,
  },
  // A sample that was missed is a gap; taken later it would be of another instant.
  "sample-usage": { policy: "short", retryLimit: 0, expireInSeconds: 600 },
  "split-cluster": {
    policy: "standard",
    retryLimit: 3,
    retryDelay: 10,
    retryBackoff: true,
    expireInSeconds: 2 * HOUR_SECONDS,
  },
  // One that waits sees everything that comes before it runs.
  "judge-people": { policy: "short", retryLimit: 3, retryDelay: 30, retryBackoff: true, expireInSeconds: 900 },
  // What one does not reach is with the next, an hour later.
  "drop-expired": { policy: "short", retryLimit: 0, expireInSeconds: HOUR_SECONDS },
  "settle-trail": { policy: "short", retryLimit: 0, expireInSeconds: HOUR_SECONDS },
  // Whatever was not sealed now is with the next.
  "seal-trail": { policy: "short", retryLimit: 0, expireInSeconds: 600 },
  // A worker that is killed leaves nothing behind that counts: the next one makes the same bytes from the beginning.
  "make-report": {
    policy: "standard",
    retryLimit: 2,
    retryDelay: 5,
    retryBackoff: true,
    heartbeatSeconds: 60,
    expireInSeconds: 6 * HOUR_SECONDS,
  },
  "reallocate-slice": {
    policy: "standard",
    retryLimit: 2,
    retryDelay: 10,
    retryBackoff: true,
    heartbeatSeconds: 60,
    expireInSeconds: 2 * HOUR_SECONDS,
  },
};

/**
 * Queues a job in the caller's transaction: the job is there if and only if the transaction commits. Jobs of one
 * `singletonKey` are queued once where the task's policy says so. Answers the job's id, or null where it was there already.
 */
export async function enqueue<Name extends TaskName>(
  transaction: Transaction,
  task: Name,
  payload: JobPayload<Name>,
  options: { singletonKey?: string; /** Not before so many seconds have passed. */ startAfter?: number } = {},
): Promise<string | null> {
  const sender = await senderOf(transaction.database);
  const { sql } = transaction;
  return sender.send(task, jobPayloads[task].parse(payload), {
    ...options,
    db: { executeSql: (text, values) => sql.query(text, values) },
  });
}

/** Brings the queue's tables and queues to this version. Call it once at start, after the migrations; many at once are fine. */
export async function prepareQueue(database: Database): Promise<void> {
  const boss = quiet(new PgBoss({ ...overPool(database), migrate: true }));
  await boss.start();
  try {
    for (const name of TASK_NAMES) await boss.createQueue(name, QUEUES[name]);
    for (const name of TASK_NAMES) {
      const { policy: _fixedAtCreation, ...changeable } = QUEUES[name];
      await boss.updateQueue(name, changeable);
    }
  } finally {
    await boss.stop({ graceful: false, close: false });
  }
}

const senders = new WeakMap<Database, Promise<PgBoss>>();

/** Knows the queues and nothing else: it has no timers and no connection of its own, and sends through the caller's. */
function senderOf(database: Database): Promise<PgBoss> {
  const known = senders.get(database);
  if (known) return known;
  const opened = openSender(database);
  senders.set(database, opened);
  opened.catch(() => senders.delete(database));
  return opened;
}

async function openSender(database: Database): Promise<PgBoss> {
  const boss = quiet(new PgBoss({ ...overPool(database), migrate: false }));
  await boss.start();
  await boss.stop({ graceful: false, close: false });
  return boss;
}

function overPool({ pool }: Database) {
  return {
    db: { executeSql: (text: string, values?: unknown[]) => pool.query(text, values) },
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
  };
}

// An EventEmitter without a listener for "error" would end the process; the call that failed reports it.
function quiet(boss: PgBoss): PgBoss {
  boss.on("error", () => undefined);
  return boss;
}
