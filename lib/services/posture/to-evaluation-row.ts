import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

/** A row of the database as everybody is told of it. */
export function toEvaluationRow(row: Record<string, unknown>): EvaluationRow {
  const controls = String(row["controls"]);
  return {
    evaluationId: String(row["id"]),
    sourceKey: String(row["source_key"]),
    part: String(row["part"]),
    ruleKey: String(row["rule_key"]),
    ruleTitle: textOf(row["title"]) ?? String(row["rule_key"]),
    severity: row["severity"] as Severity | null,
    controls: controls === "" ? [] : controls.split("; "),
    resource: {
      id: Number(row["resource_id"]),
      kind: String(row["kind"]),
      key: String(row["resource_key"]),
      name: String(row["name"]),
      accountId: textOf(row["account_id"]),
      region: textOf(row["region"]),
      clusterKey: textOf(row["cluster_key"]),
      namespaceUid: textOf(row["namespace_uid"]),
    },
    teamKey: String(row["team_key"]),
    environment: String(row["environment"]),
    verdict: row["verdict"] as Verdict,
    note: textOf(row["note"]),
    from: instantOf(row["valid_from"]) ?? "",
    to: instantOf(row["valid_to"]),
    heldFrom: instantOf(row["held_from"]) ?? "",
    recordedAt: instantOf(row["recorded_at"]) ?? "",
    waiver:
      row["waiver_id"] === null
        ? null
        : {
            id: Number(row["waiver_id"]),
            reason: String(row["waiver_reason"]),
            endsAt: instantOf(row["waiver_ends_at"]) ?? "",
          },
    evidenceHash: textOf(row["evidence_hash"]),
    isGap: row["is_gap"] === true,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function instantOf(value: unknown): string | null {
  return value instanceof Date ? value.toISOString() : null;
}
