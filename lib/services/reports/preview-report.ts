import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { contentOfReport } from "#lib/services/report-contents/content-of-report.ts";
import { PERMISSION_OF_KIND, resolveParameters } from "#lib/services/reports/report-parameters.ts";
import type { ReportPreview } from "#lib/services/reports/report-view.ts";

const PAGE_ROWS = 20;
/** Counting ends here: a person waits for a preview. */
const MOST_COUNTED = 50_000;

/** The first page of a report, how many rows it will have, and what is missing. Nothing is made. @throws as requestReport. */
export async function previewReport(context: ServiceContext, input: unknown): Promise<ReportPreview> {
  await authorise(context, "reports:read", "reports");
  const parameters = await resolveParameters(context, input);
  await authorise(context, PERMISSION_OF_KIND[parameters.kind], `report ${parameters.kind}`);
  return contentOfReport(context, parameters).preview(PAGE_ROWS, MOST_COUNTED);
}
