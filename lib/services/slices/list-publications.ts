import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { PublicationView } from "#lib/services/sources/source-view.ts";

/** Every version of a slice that people could ever see, newest first. */
export async function listPublications(
  context: ServiceContext,
  input: { sliceId: number },
): Promise<PublicationView[]> {
  await authorise(context, "sources:read", `slice ${input.sliceId}`);
  const { rows } = await context.database.pool.query<Record<string, unknown>>(
    `SELECT p.*, p.id = s.publication_id AS current FROM publication p JOIN slice s ON s.id = p.slice_id
     WHERE p.slice_id = $1 ORDER BY p.id DESC`,
    [input.sliceId],
  );
  return rows.map((row) => ({
    id: Number(row.id),
    publishedAt: (row.published_at as Date).toISOString(),
    reason: row.reason as PublicationView["reason"],
    totals: row.totals as PublicationView["totals"],
    current: row.current === true,
    difference: row.previous_id === null ? null : (row.difference as PublicationView["difference"]),
  }));
}
