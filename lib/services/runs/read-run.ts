import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { ASKED_SQL, toRunView } from "#lib/services/runs/run-view.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";

/** One run, for whoever follows its progress. */
export async function readRun(context: ServiceContext, input: { runId: string }): Promise<RunView> {
  await authorise(context, "sources:read", `run ${input.runId}`);
  const { rows } = await context.database.pool.query(`SELECT *, ${ASKED_SQL} FROM run WHERE id::text = $1`, [
    input.runId,
  ]);
  const row = rows[0] as Record<string, unknown> | undefined;
  if (!row) throw new AppError("not_found", `There is no run ${input.runId}.`);
  return toRunView(row);
}
