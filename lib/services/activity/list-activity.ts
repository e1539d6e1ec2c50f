import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { ActivityPage } from "#lib/services/activity/activity-view.ts";

/** A page of the append-only log, newest first. `before` is the id of the last row seen. */
export async function listActivity(
  context: ServiceContext,
  input: { before: string | null; action: string | null; limit: number },
): Promise<ActivityPage> {
  await authorise(context, "activity:read", "activity");
  const { rows } = await context.database.pool.query<Record<string, unknown>>(
    `SELECT * FROM activity WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR action = $2) ORDER BY id DESC LIMIT $3`,
    [input.before, input.action, input.limit + 1],
  );
  const shown = rows.slice(0, input.limit).map((row) => ({
    id: String(row.id),
    at: (row.at as Date).toISOString(),
    actorId: String(row.actor_id),
    role: String(row.role),
    action: String(row.action),
    subject: String(row.subject),
    before: row.before,
    after: row.after,
  }));
  return { rows: shown, next: rows.length > input.limit ? (shown.at(-1)?.id ?? null) : null };
}
