import type { ServiceContext } from "#lib/services/context.ts";
import { accessContent } from "#lib/services/report-contents/access-content.ts";
import { allocationContent } from "#lib/services/report-contents/allocation-content.ts";
import { changesContent } from "#lib/services/report-contents/changes-content.ts";
import { complianceContent } from "#lib/services/report-contents/compliance-content.ts";
import { namespacesContent } from "#lib/services/report-contents/namespaces-content.ts";
import type { PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import { trailContent } from "#lib/services/report-contents/trail-content.ts";
import type { ReportKind, ReportParameters } from "#lib/services/reports/report-view.ts";

const CONTENTS: Record<ReportKind, (context: ServiceContext, parameters: ReportParameters) => PreparedContent> = {
  compliance: complianceContent,
  namespaces: namespacesContent,
  access: accessContent,
  allocation: allocationContent,
  changes: changesContent,
  trail: trailContent,
};

/** What a report is made of, read as the context's actor may read it. The caller has authorised. */
export function contentOfReport(context: ServiceContext, parameters: ReportParameters): PreparedContent {
  return CONTENTS[parameters.kind](context, parameters);
}
