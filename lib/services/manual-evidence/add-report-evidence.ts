import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { addManualEvidence } from "#lib/services/manual-evidence/add-manual-evidence.ts";
import { MOST_FILE_BYTES } from "#lib/services/manual-evidence/manual-evidence-view.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { downloadReport } from "#lib/services/reports/download-report.ts";

const named = z.looseObject({ reportId: z.uuid() });

/**
 * Keeps the bundle of a report that is ready as evidence for a control, as `addManualEvidence` keeps a file: what a search of the audit trail
 * found, say, with its proofs. The report may go; the evidence stays.
 *
 * @throws AppError as `downloadReport` and `addManualEvidence`; "limit_reached" for a bundle beyond 20 MiB.
 */
export async function addReportEvidence(
  context: ServiceContext,
  input: unknown,
): Promise<{ id: number; sha256: string }> {
  await authorise(context, "evidence:write", "manual evidence");
  const { reportId, ...told } = checkedInput(named, input);
  const { fileName, path, size } = await downloadReport(context, { reportId });
  if (size > MOST_FILE_BYTES)
    throw new AppError("limit_reached", `The bundle is larger than ${MOST_FILE_BYTES} bytes.`, {
      remedy: "Make a report of less: a shorter period, or a narrower search.",
      place: { column: "reportId", value: reportId },
    });
  return addManualEvidence(context, { ...told, fileName, content: await readFile(path) });
}
