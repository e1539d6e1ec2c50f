import { countedAs } from "#lib/reports/compliance/count-evaluations.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

const CELLS: [string, (row: EvaluationRow) => string | null][] = [
  ["Evaluation", (row) => row.evaluationId],
  ["Source", (row) => row.sourceKey],
  ["Part", (row) => row.part],
  ["Rule", (row) => row.ruleKey],
  ["Rule's title", (row) => row.ruleTitle],
  ["Severity", (row) => row.severity],
  ["Controls", (row) => row.controls.join("; ")],
  ["Kind of resource", (row) => row.resource.kind],
  ["Resource", (row) => row.resource.key],
  ["Resource's name", (row) => row.resource.name],
  ["Account", (row) => row.resource.accountId],
  ["Region", (row) => row.resource.region],
  ["Cluster", (row) => row.resource.clusterKey],
  ["Namespace's uid", (row) => row.resource.namespaceUid],
  ["Owner", (row) => row.teamKey],
  ["Environment", (row) => row.environment],
  ["Verdict", (row) => row.verdict],
  ["Counted as", countedAs],
  ["Note", (row) => row.note],
  ["From", (row) => row.from],
  ["To", (row) => row.to],
  ["Verdict since", (row) => row.heldFrom],
  ["Learnt", (row) => row.recordedAt],
  ["Waiver", (row) => (row.waiver ? String(row.waiver.id) : null)],
  ["Waiver's reason", (row) => row.waiver?.reason ?? null],
  ["Waiver ends", (row) => row.waiver?.endsAt ?? null],
  ["Evidence", (row) => row.evidenceHash],
];

export const evaluationColumns: ReportTable["columns"] = CELLS.map(([name]) => ({ name, type: "text" }));

export function toEvaluationCells(row: EvaluationRow): (string | null)[] {
  return CELLS.map(([, cell]) => cell(row));
}
