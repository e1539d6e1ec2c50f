import { isAllowed } from "#lib/access/permissions.ts";
import { writeWhole, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ContentGap, ItemWriter, SummaryTable } from "#lib/reports/bundle/report-content.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

/** Files of one bundle, which holds 2,000 in all, and their bytes: a bundle ends at 4 GiB. What is beyond is named among the gaps. */
const MOST_FILES = 1_000;
const MOST_BYTES = 1024 * 1024 * 1024;
/** Characters of a file's own name that its name in the bundle keeps. */
const NAME_CHARACTERS = 80;

export type HandEvidence = ItemWriter<EvaluationRow> & {
  summary(): SummaryTable | null;
  gaps(): ContentGap[];
};

type Piece = {
  id: number;
  control_id: string;
  note: string;
  file_name: string;
  sha256: string;
  size: number;
  uploaded_by: string;
  uploaded_at: Date;
  valid_until: Date | null;
};

/**
 * The files that people brought for the controls of the report's framework and that counted at its instant, or at any time of its period: each as
 * it was brought, below "evidence/by-hand". Evidence by hand is about the whole organisation, so that whoever may see one team only is told that
 * it is there and not what is in it.
 */
export function openHandEvidence(folder: string, context: ServiceContext, parameters: ReportParameters): HandEvidence {
  let pieces: Piece[] = [];
  let left: Piece[] = [];
  return {
    push: () => Promise.resolve(),
    end: async () => {
      pieces = await listPieces(context, parameters);
      const files: WrittenFile[] = [];
      let bytes = 0;
      left = pieces.filter((piece, index) => {
        bytes += piece.size;
        return !isAllowed(context.actor, "evidence:read") || index >= MOST_FILES || bytes > MOST_BYTES;
      });
      for (const piece of pieces)
        if (!left.includes(piece))
          files.push(await writeWhole(folder, nameOf(piece), await readContent(context, piece.id)));
      return files;
    },
    summary: () =>
      pieces.length === 0
        ? null
        : {
            title: "Evidence by hand",
            head: ["Control", "Note", "File", "SHA-256", "Brought by", "On", "Until"],
            rows: pieces.map((piece) => [
              piece.control_id,
              piece.note,
              left.includes(piece) ? `${piece.file_name} (not in the bundle)` : nameOf(piece),
              piece.sha256,
              piece.uploaded_by,
              piece.uploaded_at.toISOString().slice(0, 10),
              piece.valid_until?.toISOString().slice(0, 10) ?? "",
            ]),
          },
    gaps: () =>
      left.map(({ control_id: control, file_name: file, sha256 }) => ({
        source: "evidence by hand",
        part: control,
        from: null,
        to: null,
        reason: `${file} (SHA-256 ${sha256}) is not in the bundle: ${isAllowed(context.actor, "evidence:read") ? "it would be too large" : "members take what is about their own team only"}.`,
      })),
  };
}

async function listPieces({ database }: ServiceContext, { frameworkId, filters, period, asOf }: ReportParameters) {
  const until = period?.to ?? asOf;
  const { rows } = await database.pool.query<Piece>(
    `SELECT id, control_id, note, file_name, sha256, size, uploaded_by, uploaded_at, valid_until FROM manual_evidence
     WHERE framework_id = $1 AND (cardinality($2::text[]) = 0 OR control_id = ANY($2::text[])) AND uploaded_at <= $3
       AND (valid_until IS NULL OR valid_until > $4) AND (withdrawn_at IS NULL OR withdrawn_at > $4)
     ORDER BY control_id COLLATE "C", id`,
    [frameworkId, filters.controls, until, period?.from ?? asOf],
  );
  return rows;
}

async function readContent({ database }: ServiceContext, id: number): Promise<Uint8Array> {
  const { rows } = await database.pool.query<{ content: Buffer }>("SELECT content FROM manual_evidence WHERE id = $1", [
    id,
  ]);
  return rows[0]?.content ?? Buffer.alloc(0);
}

/** Names of a bundle are plain ASCII; the number keeps those apart that are then the same. */
function nameOf({ id, file_name: name }: Piece): string {
  return `evidence/by-hand/${id}-${name.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(-NAME_CHARACTERS)}`;
}
