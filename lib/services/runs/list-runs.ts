import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { ASKED_SQL, toRunView } from "#lib/services/runs/run-view.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";

/** The newest runs first, of one source or of all. */
export async function listRuns(
  context: ServiceContext,
  input: { sourceKey?: string; limit: number },
): Promise<RunView[]> {
  await authorise(context, "sources:read", "runs");
  const { rows } = await context.database.pool.query(
    `SELECT *, ${ASKED_SQL} FROM run WHERE $1::text IS NULL OR source_key = $1 ORDER BY queued_at DESC, id LIMIT $2`,
    [input.sourceKey ?? null, input.limit],
  );
  return rows.map(toRunView);
}
