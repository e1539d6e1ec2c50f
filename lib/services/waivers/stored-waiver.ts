import type { SqlExecutor } from "#lib/db/activity.ts";
import type { WaiverScope, WaiverTimes } from "#lib/domain/posture/waiver.ts";
import { AppError } from "#lib/errors.ts";

export type StoredWaiver = WaiverTimes & {
  id: number;
  ruleKey: string;
  scopeKind: WaiverScope;
  scopeKey: string;
  reason: string;
  requestedBy: string;
  requestedAt: Date;
  decidedBy: string | null;
  decisionNote: string | null;
  endedBy: string | null;
};

/** @throws AppError "not_found". */
export async function findWaiver(sql: SqlExecutor, id: number): Promise<StoredWaiver> {
  const { rows } = await sql.query("SELECT * FROM waiver WHERE id = $1 FOR UPDATE", [id]);
  const [row] = rows;
  if (!row) throw new AppError("not_found", `There is no waiver ${id}.`);
  return toStoredWaiver(row);
}

export function toStoredWaiver(row: Record<string, unknown>): StoredWaiver {
  return {
    id: Number(row.id),
    ruleKey: String(row.rule_key),
    scopeKind: row.scope_kind as WaiverScope,
    scopeKey: String(row.scope_key),
    reason: String(row.reason),
    requestedBy: String(row.requested_by),
    requestedAt: row.requested_at as Date,
    validFrom: row.valid_from as Date,
    endsAt: row.ends_at as Date,
    decidedBy: row.decided_by as string | null,
    decidedAt: row.decided_at as Date | null,
    decision: row.decision as StoredWaiver["decision"],
    decisionNote: row.decision_note as string | null,
    endedAt: row.ended_at as Date | null,
    endedBy: row.ended_by as string | null,
  };
}
