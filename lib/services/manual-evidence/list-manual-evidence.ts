import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { ManualEvidenceView } from "#lib/services/manual-evidence/manual-evidence-view.ts";

/** Pieces of evidence of one framework that a person can bring; reaching it is an error of the list's reader, who narrows to a control. */
const MOST_PIECES = 2_000;

type Asked = { frameworkId: string; controlId: string | null; asOf: Date | null };

/** Evidence by hand as it stood at an instant, without the files: newest first, expired and withdrawn ones included. */
export async function listManualEvidence(context: ServiceContext, asked: Asked): Promise<ManualEvidenceView[]> {
  await authorise(context, "compliance:read", "manual evidence");
  const at = asked.asOf ?? context.now;
  const { rows } = await context.database.pool.query<Row>(
    `SELECT id, framework_id, control_id, note, file_name, media_type, sha256, size, uploaded_by, uploaded_at, valid_until,
       withdrawn_at, withdrawn_by
     FROM manual_evidence
     WHERE framework_id = $1 AND ($2::text IS NULL OR control_id = $2) AND uploaded_at <= $3
     ORDER BY uploaded_at DESC, id DESC LIMIT ${MOST_PIECES}`,
    [asked.frameworkId, asked.controlId, at],
  );
  return rows.map((row) => toView(row, at));
}

type Row = {
  id: number;
  framework_id: string;
  control_id: string;
  note: string;
  file_name: string;
  media_type: string;
  sha256: string;
  size: number;
  uploaded_by: string;
  uploaded_at: Date;
  valid_until: Date | null;
  withdrawn_at: Date | null;
  withdrawn_by: string | null;
};

function toView(row: Row, at: Date): ManualEvidenceView {
  const isWithdrawn = row.withdrawn_at !== null && row.withdrawn_at <= at;
  const isExpired = row.valid_until !== null && row.valid_until <= at;
  return {
    id: row.id,
    frameworkId: row.framework_id,
    controlId: row.control_id,
    note: row.note,
    fileName: row.file_name,
    mediaType: row.media_type,
    sha256: row.sha256,
    size: row.size,
    uploadedBy: row.uploaded_by,
    uploadedAt: row.uploaded_at.toISOString(),
    validUntil: row.valid_until?.toISOString() ?? null,
    withdrawnAt: isWithdrawn ? (row.withdrawn_at?.toISOString() ?? null) : null,
    withdrawnBy: isWithdrawn ? row.withdrawn_by : null,
    state: isWithdrawn ? "withdrawn" : isExpired ? "expired" : "valid",
  };
}
