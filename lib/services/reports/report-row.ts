import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Actor, Role } from "#lib/access/actor.ts";
import { isAllowed } from "#lib/access/permissions.ts";
import { AppError, type AppErrorJson } from "#lib/errors.ts";
import { storedParameters, TITLE_OF_KIND } from "#lib/services/reports/report-parameters.ts";
import type { ReportState, ReportView } from "#lib/services/reports/report-view.ts";

/** A report as it is stored, and as whom it was asked for. */
export type StoredReport = ReportView & { actor: Actor };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The report, for whoever may see it: who asked for it, and who may read the log of what was asked. @throws AppError "not_found". */
export async function loadReport(sql: SqlExecutor, reportId: string, viewer: Actor): Promise<StoredReport> {
  const { rows } = UUID.test(reportId)
    ? await sql.query("SELECT * FROM report WHERE id = $1", [reportId])
    : { rows: [] };
  const report = rows[0] && toReport(rows[0]);
  if (report && (report.requestedBy === viewer.id || isAllowed(viewer, "activity:read"))) return report;
  throw new AppError("not_found", "There is no such report.", { remedy: "Look for it in the list of reports." });
}

export function toReport(row: Record<string, unknown>): StoredReport {
  const parameters = storedParameters(row["parameters"]);
  const { name, role, teamKey } = row["requested_as"] as { name: string; role: Role; teamKey: string | null };
  const totals = row["totals"] as { rows: number } | null;
  return {
    id: String(row["id"]),
    kind: parameters.kind,
    title: TITLE_OF_KIND[parameters.kind],
    parameters,
    requestedBy: String(row["requested_by"]),
    requestedAt: (row["requested_at"] as Date).toISOString(),
    state: row["state"] as ReportState,
    progress: row["progress"] as ReportView["progress"],
    sha256: row["sha256"] as string | null,
    size: row["size"] === null ? null : Number(row["size"]),
    rows: totals?.rows ?? null,
    error: row["error"] as AppErrorJson | null,
    finishedAt: (row["finished_at"] as Date | null)?.toISOString() ?? null,
    actor: { id: String(row["requested_by"]), name, role, teamKey },
  };
}

/** Without what only the making of it needs. */
export function toReportView({ actor: _actor, ...view }: StoredReport): ReportView {
  return view;
}
