import type { SqlExecutor } from "#lib/db/activity.ts";
import { z } from "zod";
import { AppError } from "#lib/errors.ts";

/** Namespaces that one decision may be about. */
export const MOST_AT_ONCE = 1_000;

export const namedNamespaces = z
  .array(z.strictObject({ clusterKey: z.string().min(1).max(200), uid: z.string().min(1).max(200) }))
  .min(1)
  .max(MOST_AT_ONCE);

export const reasonText = z.string().trim().min(3, "say why, for those who come later").max(1_000);

/** An instant in the future that ends a decision; null = it lasts until somebody ends it. */
export const untilInstant = z.iso.datetime().nullable();

export type NamedNamespace = z.infer<typeof namedNamespaces>[number];

/** What a person sent, checked. @throws AppError "invalid_input" that names the first field that is wrong. */
export function checkedInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const column = issue?.path.join(".") ?? "";
  throw new AppError("invalid_input", `This cannot be saved: ${issue?.message}.`, {
    place: column === "" ? {} : { column },
  });
}

/** @throws AppError "invalid_input" where a decision would have ended before it begins. */
export function checkUntil(until: string | null, now: Date): Date | null {
  if (until === null) return null;
  const end = new Date(until);
  if (end.getTime() > now.getTime()) return end;
  throw new AppError("invalid_input", `${until} has passed already.`, { remedy: "Choose a later end, or none." });
}

/** The namespaces by their clusters' keys in order, each once. @throws AppError "not_found" where one is not there. */
export async function findNamespaces(
  sql: SqlExecutor,
  named: readonly NamedNamespace[],
): Promise<Map<string, { uid: string; name: string }[]>> {
  const { rows } = await sql.query(
    `SELECT DISTINCT m.cluster_key, m.uid, m.name FROM unnest($1::text[], $2::text[]) AS i (cluster_key, uid)
     JOIN namespace_summary m USING (cluster_key, uid) WHERE m.gone_at IS NULL ORDER BY m.cluster_key, m.uid`,
    [named.map(({ clusterKey }) => clusterKey), named.map(({ uid }) => uid)],
  );
  const found = new Set(rows.map((row) => `${String(row.cluster_key)} ${String(row.uid)}`));
  const missing = named.find(({ clusterKey, uid }) => !found.has(`${clusterKey} ${uid}`));
  if (missing)
    throw new AppError("not_found", `There is no namespace ${missing.uid} in the cluster ${missing.clusterKey} now.`);
  const byCluster = Map.groupBy(rows, (row) => String(row.cluster_key));
  return new Map(
    [...byCluster].map(([key, own]) => [key, own.map((row) => ({ uid: String(row.uid), name: String(row.name) }))]),
  );
}
