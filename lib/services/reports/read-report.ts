import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadReport, toReportView } from "#lib/services/reports/report-row.ts";
import type { ReportView } from "#lib/services/reports/report-view.ts";

/** One report: its state, and how far it is. @throws AppError "not_found". */
export async function readReport(context: ServiceContext, input: { reportId: string }): Promise<ReportView> {
  await authorise(context, "reports:read", `report ${input.reportId}`);
  return toReportView(await loadReport(context.database.pool, input.reportId, context.actor));
}
