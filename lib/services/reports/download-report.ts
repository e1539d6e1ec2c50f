import { stat } from "node:fs/promises";
import { recordActivity } from "#lib/db/activity.ts";
import { resolveHome } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { PERMISSION_OF_KIND } from "#lib/services/reports/report-parameters.ts";
import { loadReport } from "#lib/services/reports/report-row.ts";

/** A bundle to send: its file on this machine. */
export type DownloadedReport = { fileName: string; path: string; size: number; sha256: string };

/**
 * The bundle of a report that is ready. Who took it is logged before the first byte is sent.
 *
 * @throws AppError "not_found"; "conflict" where it is not ready; "unavailable" where its file is gone.
 */
export async function downloadReport(context: ServiceContext, input: { reportId: string }): Promise<DownloadedReport> {
  await authorise(context, "reports:read", `report ${input.reportId}`);
  const report = await loadReport(context.database.pool, input.reportId, context.actor);
  await authorise(context, PERMISSION_OF_KIND[report.kind], `report ${report.id}`);
  if (report.state !== "ready" || report.sha256 === null || report.size === null)
    throw new AppError("conflict", "The report is not ready.", {
      remedy: "Wait until it is, or ask for it again where it failed.",
    });
  const path = bundlePath(resolveHome(), report.id);
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size !== report.size)
    throw new AppError("unavailable", "The report's file is not on this machine, or is not the one that was made.", {
      remedy: "Ask for it again with the same parameters: the same report is made.",
      place: { file: path },
    });
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "report.downloaded",
    subject: `${report.kind} ${report.id}`,
    after: { sha256: report.sha256, size: report.size },
  });
  const stamp = report.parameters.asOf.slice(0, 10);
  return { fileName: `bursar-${report.kind}-${stamp}-${report.id.slice(0, 8)}.zip`, path, size, sha256: report.sha256 };
}
