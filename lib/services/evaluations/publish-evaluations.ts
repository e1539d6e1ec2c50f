import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { observe } from "#lib/db/observe.ts";
import { openChanges, storeChanges } from "#lib/db/posture/count-changes.ts";
import { lockPosture } from "#lib/db/posture/lock-posture.ts";
import { addNames, findRestated, mergePlain, openMerge, type Merged } from "#lib/db/posture/merge-items.ts";
import { mergeRestated } from "#lib/db/posture/merge-restated.ts";
import { dayOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { noteEarlierLooks, noteGoodLook, type EarlierLook } from "#lib/db/posture/note-look.ts";
import { checkStage } from "#lib/services/evaluations/check-stage.ts";
import { loadPlaces } from "#lib/services/evaluations/load-places.ts";
import { stageReading } from "#lib/services/evaluations/stage-reading.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";

export type EvaluationCounts = {
  /** Items that were handed in. */
  items: number;
  /** Stretches that began and ended; unchanged ones are in neither. */
  began: number;
  ended: number;
  /** Stretches of the past that were taken back. */
  restated: number;
};

export type EvaluationPublication = {
  sourceKey: string;
  part: string;
  /** The instant of the look. Where something was recorded of the part at it or later, the next millisecond counts in its place. */
  at: Date;
  /** How long the look speaks: two of the source's intervals. */
  goodForMs: number;
  reading: EvaluationReading;
  /**
   * Looks that were made before, oldest first, where the reading hands in all that they found, each verdict with its time. Only of a part
   * of which nothing is known yet.
   */
  earlier?: readonly EarlierLook[];
};

/** What several parts of one transaction need only once: for which day and clusters places are laid down. */
type Shared = { placed: string };

/**
 * Takes over what one part of a source says, inside of the caller's transaction: rows, numbers, the look and the entry in the activity log
 * commit together. Items are read before anything is locked.
 *
 * Evidence must not hold what changes from look to look (instants of the look itself, counters): it would begin a stretch each time.
 *
 * @throws AppError "bad_data" where an item names a rule that is not among the rules, comes twice for the same time, ends before it begins
 *   or lies in the future; whatever the reading throws.
 */
export async function publishEvaluations(
  context: ServiceContext,
  sql: PoolClient,
  publication: EvaluationPublication,
): Promise<EvaluationCounts> {
  await authorise(context, "sources:pull", `${publication.sourceKey} ${publication.part}`);
  const items = await stageReading(sql, publication.reading);
  await lockPosture(sql);
  await openChanges(sql);
  const counts = await takeOver(context, sql, publication, items, { placed: "" });
  await storeChanges(sql);
  return counts;
}

/**
 * The same for several parts at once, whose numbers are counted once: for what is in memory already, because the items of all but the first
 * are read under the lock.
 */
export async function publishParts(
  context: ServiceContext,
  sql: PoolClient,
  publications: readonly EvaluationPublication[],
): Promise<EvaluationCounts[]> {
  const counts: EvaluationCounts[] = [];
  const shared: Shared = { placed: "" };
  for (const publication of publications) {
    await authorise(context, "sources:pull", `${publication.sourceKey} ${publication.part}`);
    const items = await stageReading(sql, publication.reading);
    if (counts.length === 0) {
      await lockPosture(sql);
      await openChanges(sql);
    }
    counts.push(await takeOver(context, sql, publication, items, shared));
  }
  if (counts.length > 0) await storeChanges(sql);
  return counts;
}

/** Lays what is staged over what is stored. Under the lock. */
async function takeOver(
  context: ServiceContext,
  sql: PoolClient,
  { sourceKey, part, at: lookedAt, goodForMs, reading, earlier = [] }: EvaluationPublication,
  items: number,
  shared: Shared,
): Promise<EvaluationCounts> {
  const unread = reading.unread();
  await checkStage(sql, { ruleKeys: reading.rules.map(({ ruleKey }) => ruleKey), at: lookedAt });
  const last = await lastRecording(sql, sourceKey, part);
  if (earlier.length > 0 && last !== null)
    throw new AppError("conflict", `Looks before ${last.toISOString()} cannot be added to ${sourceKey} ${part}.`);
  const at = new Date(Math.max(lookedAt.getTime(), (last?.getTime() ?? -1) + 1));
  const merged: Merged = { sourceKey, part, at, isFirst: last === null };
  await storeRules(sql, merged, reading, unread.length > 0);
  await addNames(
    sql,
    reading.rules.map(({ ruleKey }) => ruleKey),
  );
  await layPlaces(sql, at, shared);
  await openMerge(sql, merged);
  const isRestated = (await findRestated(sql, merged)) > 0;
  const plain = await mergePlain(sql, merged, unread);
  const past = isRestated
    ? await mergeRestated(sql, merged, await reasonsOf(sql, unread))
    : { began: 0, ended: 0, restated: 0 };
  await noteEarlierLooks(sql, { sourceKey, part, looks: earlier });
  await noteGoodLook(sql, { sourceKey, part, at, goodUntil: new Date(at.getTime() + goodForMs), unread });
  const counts = {
    items,
    began: plain.began + past.began,
    ended: plain.ended + past.ended,
    restated: past.restated,
  };
  await recordActivity(sql, {
    at: context.now,
    actor: context.actor,
    action: "evaluations.published",
    subject: `${sourceKey} ${part}`,
    after: { ...counts, at: at.toISOString(), unread: unread.map(({ ruleKey }) => ruleKey) },
  });
  return counts;
}

async function layPlaces(sql: PoolClient, at: Date, shared: Shared): Promise<void> {
  const clusters = await stagedClusters(sql);
  const wanted = [dayOf(at), ...clusters].join(" ");
  if (wanted === shared.placed) return;
  await loadPlaces(sql, { at, environmentTags: loadConfig().environmentTags, clusters });
  shared.placed = wanted;
}

/** The clusters that staged items are in. */
async function stagedClusters(sql: PoolClient): Promise<string[]> {
  const { rows } = await sql.query<{ key: string }>(
    "SELECT DISTINCT cluster_key AS key FROM incoming WHERE cluster_key IS NOT NULL ORDER BY 1",
  );
  return rows.map(({ key }) => key);
}

/** When anything was last recorded of a part: by a look, or where something of it moved to another owner. Null before the first look. */
async function lastRecording(sql: PoolClient, sourceKey: string, part: string): Promise<Date | null> {
  const { rows } = await sql.query<{ at: Date }>(
    "SELECT recorded_at AS at FROM evaluation_part WHERE source_key = $1 AND part = $2",
    [sourceKey, part],
  );
  return rows[0]?.at ?? null;
}

async function storeRules(
  sql: PoolClient,
  { sourceKey, part, at }: Merged,
  { rules }: EvaluationReading,
  isPartial: boolean,
): Promise<void> {
  await observe(sql, {
    table: "compliance_rule",
    scope: { source_key: sourceKey, part },
    keys: ["rule_key"],
    values: ["title", "description", "severity", "remedy", "details"],
    rows: rules.map(({ ruleKey, title, description, severity, remedy, details }) => ({
      rule_key: ruleKey,
      title,
      description,
      severity,
      remedy,
      details,
    })),
    at,
    isPartial,
  });
}

async function reasonsOf(
  sql: PoolClient,
  unread: readonly { ruleKey: string; reason: string }[],
): Promise<Map<number, string>> {
  const { rows } = await sql.query<{ id: number; rule_key: string }>(
    "SELECT id, rule_key FROM posture_rule WHERE rule_key = ANY($1)",
    [unread.map(({ ruleKey }) => ruleKey)],
  );
  const reasons = new Map(unread.map(({ ruleKey, reason }) => [ruleKey, reason]));
  return new Map(rows.map(({ id, rule_key: ruleKey }) => [id, reasons.get(ruleKey) ?? ""]));
}
