import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { readOwnEntries } from "#lib/services/trail/retention/logged-forgettings.ts";

const text = z.string().nullable();
const instant = z.iso.datetime().nullable();
const placed = z.object({
  action: z.literal("hold.placed"),
  subject: z.string(),
  after: z.object({
    person: text,
    accountId: text,
    clusterKey: text,
    namespace: text,
    sourceKey: text,
    from: instant,
    to: instant,
    until: instant,
  }),
});
const lifted = z.object({ action: z.literal("hold.lifted"), subject: z.string() });

/** A hold as the log has it: in force from the entry `from` of the log to the entry `to`, null = still. */
type LoggedHold = { name: string; from: number; to: number | null; scope: z.infer<typeof placed>["after"] };

/** The holds that the log tells of; entries that are not what was logged tell of none, and end none. */
export async function readLoggedHolds(sql: SqlExecutor): Promise<LoggedHold[]> {
  const holds = new Map<string, LoggedHold>();
  for (const { seq, record } of await readOwnEntries(sql, ["hold.placed", "hold.lifted"])) {
    const [begun, ended] = [placed.safeParse(record), lifted.safeParse(record)];
    // Of two of one name the first stands, so that nobody replaces a hold by appending another.
    if (begun.success && !holds.has(begun.data.subject)) {
      const { subject: name, after: scope } = begun.data;
      holds.set(name, { name, from: seq, to: null, scope });
    }
    const hold = ended.success ? holds.get(ended.data.subject) : undefined;
    if (hold) holds.set(hold.name, { ...hold, to: seq });
  }
  return [...holds.values()];
}

/**
 * The hold inside of which an event was forgotten by the entry of the log at `seq`; null = none. Of a hold on a person nothing can be said: who it
 * was is what was forgotten.
 */
export function holdBroken(
  holds: readonly LoggedHold[],
  event: StoredEvent,
  { seq, at }: { seq: number; at: Date },
): string | null {
  const broken = holds.find(
    ({ from, to, scope }) =>
      scope.person === null &&
      from < seq &&
      (to === null || to > seq) &&
      (scope.until === null || at < new Date(scope.until)) &&
      (scope.accountId === null || scope.accountId === event.accountId) &&
      (scope.clusterKey === null || scope.clusterKey === event.clusterKey) &&
      (scope.namespace === null || scope.namespace === event.namespace) &&
      (scope.sourceKey === null || scope.sourceKey === event.sourceKey) &&
      (scope.from === null || event.occurredAt >= new Date(scope.from)) &&
      (scope.to === null || event.occurredAt < new Date(scope.to)),
  );
  return broken?.name ?? null;
}
