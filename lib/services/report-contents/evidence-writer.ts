import type { SqlExecutor } from "#lib/db/activity.ts";
import { unpackEvidence } from "#lib/db/posture/store-evidence.ts";
import { FileSink } from "#lib/reports/bundle/file-sink.ts";
import type { ItemWriter } from "#lib/reports/bundle/report-content.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

const BATCH = 500;
/** Pieces of evidence in one bundle; their hashes are in memory. What is beyond is counted, and named among the gaps. */
export const MOST_EVIDENCE = 300_000;

export type EvidenceWriter = ItemWriter<EvaluationRow> & { /** Pieces that were left out. */ leftOut(): number };

/** What the sources answered, word for word, one line each, in the order of their SHA-256. Canonical JSON has no line breaks. */
export async function openEvidenceWriter(folder: string, sql: SqlExecutor): Promise<EvidenceWriter> {
  const hashes = new Set<string>();
  let beyond = 0;
  return {
    push: (rows) => {
      for (const { evidenceHash } of rows) {
        if (evidenceHash === null || hashes.has(evidenceHash)) continue;
        if (hashes.size < MOST_EVIDENCE) hashes.add(evidenceHash);
        else beyond += 1;
      }
      return Promise.resolve();
    },
    end: async () => {
      const sink = await FileSink.open(folder, "evidence/evidence.jsonl");
      const sorted = [...hashes].toSorted();
      for (let start = 0; start < sorted.length; start += BATCH) {
        const { rows } = await sql.query('SELECT body FROM evidence WHERE hash = ANY($1) ORDER BY hash COLLATE "C"', [
          sorted.slice(start, start + BATCH),
        ]);
        for (const { body } of rows)
          if (body instanceof Uint8Array)
            await sink.write(Buffer.concat([await unpackEvidence(body), Buffer.from("\n")]));
      }
      return [await sink.end()];
    },
    leftOut: () => beyond,
  };
}
