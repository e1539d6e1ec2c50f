import { z } from "zod";
import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { addDays, day, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { methodSettings, readMethods } from "#lib/services/cluster-bill/method-settings.ts";
import { requestSplits } from "#lib/services/cluster-bill/request-splits.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

const input = methodSettings.extend({
  clusterKey: z.string().min(1).max(200),
  /** First day that it counts for; null = from the beginning. */
  validFrom: z.iso.date().nullable(),
});

/**
 * Saves how a cluster's bill is split from a day on, as a new version, and queues the split of every day of an open period that it
 * touches. A version for the same first day is replaced. Days of closed periods stay as they are.
 *
 * @throws AppError "forbidden"; "invalid_input" with its place; "conflict" where the first day lies in a closed period.
 */
export async function saveClusterMethod(context: ServiceContext, draft: unknown): Promise<{ methodId: number }> {
  await authorise(context, "rules:write", "cluster methods");
  const parsed = input.safeParse(draft);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError("invalid_input", `The settings are not valid: ${issue?.message ?? "unknown"}.`, {
      place: { column: issue?.path.join(".") ?? "" },
    });
  }
  const { clusterKey, validFrom, ...settings } = parsed.data;
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('cluster-method ' || $1, 0))", [clusterKey]);
    await assertOpen(sql, validFrom === null ? null : day(validFrom));
    const before = (await readMethods(sql, clusterKey, null)).find(
      (method) => method.id !== null && method.validFrom === validFrom,
    );
    await sql.query(
      "UPDATE cluster_method SET retired_at = clock_timestamp() WHERE cluster_key = $1 AND valid_from IS NOT DISTINCT FROM $2 AND retired_at IS NULL",
      [clusterKey, validFrom],
    );
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO cluster_method (cluster_key, method, idle, idle_per, shared, valid_from, created_at, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7) RETURNING id`,
      [
        clusterKey,
        settings.method,
        settings.idle,
        settings.idlePer,
        JSON.stringify(settings.shared),
        validFrom,
        context.actor.id,
      ],
    );
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "cluster-method.saved",
      subject: clusterKey,
      before,
      after: { ...settings, validFrom },
    });
    await requestSplits(transaction, context.now, await openRanges(sql, clusterKey, validFrom));
    return { methodId: Number(rows[0]?.id) };
  });
}

async function assertOpen(sql: PoolClient, validFrom: Day | null): Promise<void> {
  if (validFrom === null) return;
  const { rowCount } = await sql.query("SELECT FROM closed_period WHERE period = $1", [validFrom.slice(0, 7)]);
  if (rowCount !== 0)
    throw new AppError("conflict", `${validFrom.slice(0, 7)} is closed, so that its costs are no longer split anew.`, {
      remedy: "Choose a first day in an open period, or have the period opened again.",
      place: { column: "validFrom" },
    });
}

/** The days of a cluster that have cost, from the first day on, without those of closed periods; by month. */
async function openRanges(
  sql: PoolClient,
  clusterKey: string,
  validFrom: string | null,
): Promise<{ clusterKey: string; from: Day; to: Day }[]> {
  const { rows } = await sql.query<{ first: Day; last: Day }>(
    `SELECT min(day)::text AS first, max(day)::text AS last FROM cluster_split
     WHERE cluster_key = $1 AND replaced_at IS NULL AND day >= coalesce($2::date, '-infinity')
       AND to_char(day, 'YYYY-MM') NOT IN (SELECT period FROM closed_period)
     GROUP BY to_char(day, 'YYYY-MM') ORDER BY 1 DESC`,
    [clusterKey, validFrom],
  );
  return rows.map(({ first, last }) => ({ clusterKey, from: first, to: addDays(last, 1) }));
}
