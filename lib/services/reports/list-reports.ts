import { isAllowed } from "#lib/access/permissions.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { toReport, toReportView } from "#lib/services/reports/report-row.ts";
import type { ReportPage } from "#lib/services/reports/report-view.ts";

/** Reports, the newest first: one's own, and everybody's for whoever may read the log of what was asked. @param input.before ISO instant to go on from. */
export async function listReports(
  context: ServiceContext,
  input: { limit: number; before: string | null },
): Promise<ReportPage> {
  await authorise(context, "reports:read", "reports");
  const { actor } = context;
  const { rows } = await context.database.pool.query<Record<string, unknown>>(
    `SELECT * FROM report WHERE ($1::text IS NULL OR requested_by = $1) AND ($2::timestamptz IS NULL OR requested_at < $2)
     ORDER BY requested_at DESC, id LIMIT $3`,
    [isAllowed(actor, "activity:read") ? null : actor.id, input.before, input.limit + 1],
  );
  const shown = rows.slice(0, input.limit).map((row) => toReportView(toReport(row)));
  return { rows: shown, hasMore: rows.length > input.limit };
}
