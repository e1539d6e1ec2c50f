import { createHash, timingSafeEqual } from "node:crypto";
import { loadConfig } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import type { Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";
import { appendEvents, MOST_EVENTS } from "#lib/services/trail/append/append-events.ts";
import { keepOddItems } from "#lib/services/trail/append/keep-odd-items.ts";
import { createEventQueue, type EventQueue } from "#lib/services/trail/append/event-queue.ts";
import { parseEventList } from "#lib/sources/kubernetes-audit/parse-events.ts";

/** What an API server sends at once is 10 MiB by its own default. */
export const MOST_REQUEST_BYTES = 32 * 1024 * 1024;
const LIMITS = { mostBytes: 96 * 1024 * 1024, groupEvents: 4_000 };
/** A list with more could not be appended in one group with others. */
const MOST_LIST_EVENTS = MOST_EVENTS - LIMITS.groupEvents;
/** Of one cluster: whoever tries tokens must not fill the log. */
const REFUSALS_LOGGED_EVERY_MS = 60_000;

export type AuditRequest = {
  clusterKey: string;
  token: string | null;
  /** How many bytes are held while it is worked on. */
  bytes: number;
  read(): Promise<string>;
};

/**
 * Takes a list of audit events from a cluster's API server, which is known by its token, and resolves once they are committed. Events that are
 * known already change nothing, so that whoever got no answer sends them again. Items that are not understood are findings: to be sent again would make
 * nothing better of them, and in the end cost the API server the others.
 *
 * @throws AppError "unauthenticated" without a token of this cluster, "throttled" where too much is waiting, "invalid_input" for what is no list,
 *   "bad_data" where it was cut off, "limit_reached" where it is too long.
 */
export async function receiveAudit(
  context: { database: Database; now: Date },
  request: AuditRequest,
): Promise<{ events: number; notUnderstood: number }> {
  const sourceKey = sourceOf(request);
  if (sourceKey === null) {
    await logRefusal(context, request.clusterKey);
    throw new AppError("unauthenticated", "This is not a token of this cluster.", {
      remedy: "The audit webhook's kubeconfig names the user's token; bursar.yaml has its SHA-256.",
    });
  }
  if (request.bytes > MOST_REQUEST_BYTES)
    throw new AppError("limit_reached", `A list of events has ${MOST_REQUEST_BYTES} bytes at the most.`, {
      remedy: "Lower --audit-webhook-batch-max-size, or truncate large events.",
    });
  const queue = queueOf(context.database);
  const release = queue.admit(request.bytes);
  try {
    const origin = { sourceKey, clusterKey: request.clusterKey };
    const { events, odd } = parseEventList(origin, await request.read(), context.now);
    if (events.length + odd.length > MOST_LIST_EVENTS)
      throw new AppError("limit_reached", `A list has ${MOST_LIST_EVENTS} events at the most.`);
    await queue.submit(events);
    await keepOddItems(context.database, origin, odd);
    return { events: events.length, notUnderstood: odd.length };
  } finally {
    release();
  }
}

/** The source whose cluster this is and that has this token; null where the two do not belong together. */
function sourceOf({ clusterKey, token }: AuditRequest): string | null {
  if (token === null) return null;
  const given = createHash("sha256").update(token).digest();
  for (const [sourceKey, spec] of Object.entries(loadConfig().sources)) {
    if (spec.kind !== "kubernetes-audit") continue;
    const hashes = spec.clusters.find(({ key }) => key === clusterKey)?.webhook?.tokenSha256 ?? [];
    if (hashes.some((hash) => timingSafeEqual(Buffer.from(hash, "hex"), given))) return sourceKey;
  }
  return null;
}

const queues = new WeakMap<Database, EventQueue>();

function queueOf(database: Database): EventQueue {
  const known = queues.get(database);
  if (known) return known;
  const queue = createEventQueue(async (events) => {
    await database.transact(({ sql }) => appendEvents(sql, events, new Date()));
  }, LIMITS);
  queues.set(database, queue);
  return queue;
}

let refusedAt = new Map<string, number>();

async function logRefusal({ database, now }: { database: Database; now: Date }, clusterKey: string): Promise<void> {
  const isKnown = Object.values(loadConfig().sources).some(
    (spec) => spec.kind === "kubernetes-audit" && spec.clusters.some(({ key }) => key === clusterKey),
  );
  // A name that somebody made up is nobody's: all of them are one.
  const subject = isKnown ? clusterKey : "an unknown cluster";
  if (now.getTime() - (refusedAt.get(subject) ?? 0) < REFUSALS_LOGGED_EVERY_MS) return;
  refusedAt = new Map(refusedAt).set(subject, now.getTime());
  await recordActivity(database.pool, {
    at: now,
    actor: { id: "kubernetes-audit", name: "Audit webhook", role: "system", teamKey: null },
    action: "permission.refused",
    subject: `events of ${subject}`,
  });
}
