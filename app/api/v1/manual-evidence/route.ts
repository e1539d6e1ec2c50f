import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { readParams } from "#lib/http/read-input.ts";
import { addReportEvidence } from "#lib/services/manual-evidence/add-report-evidence.ts";
import { addManualEvidence } from "#lib/services/manual-evidence/add-manual-evidence.ts";
import { listManualEvidence } from "#lib/services/manual-evidence/list-manual-evidence.ts";
import { MOST_FILE_BYTES } from "#lib/services/manual-evidence/manual-evidence-view.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  framework: z.string().max(200),
  control: z.string().max(200).optional(),
  asOf: z.iso.datetime({ offset: true }).optional(),
});

/** The file and the words that come with it. */
const MOST_BODY_BYTES = MOST_FILE_BYTES + 100_000;

/** GET /api/v1/manual-evidence?framework=…&control=…&asOf=…: what was brought by hand, without the files. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { framework, control, asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listManualEvidence(context, {
      frameworkId: framework,
      controlId: control ?? null,
      asOf: asOf === undefined ? null : new Date(asOf),
    });
  });
}

/** POST /api/v1/manual-evidence, multipart/form-data: file or reportId, frameworkId, controlId, note, validUntil. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => {
    const form = await readForm(request);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const told = {
      frameworkId: text("frameworkId"),
      controlId: text("controlId"),
      note: text("note"),
      validUntil: text("validUntil") === "" ? null : text("validUntil"),
    };
    if (text("reportId") !== "") return addReportEvidence(context, { ...told, reportId: text("reportId") });
    const file = form.get("file");
    if (!(file instanceof File))
      throw new AppError("invalid_input", "No file was sent.", { place: { column: "file" }, remedy: "Choose a file." });
    return addManualEvidence(context, {
      ...told,
      fileName: file.name,
      content: new Uint8Array(await file.arrayBuffer()),
    });
  });
}

/** Asks how long the body is before it is read, so that nobody fills the memory with one that is refused afterwards. */
async function readForm(request: Request): Promise<FormData> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (!(length <= MOST_BODY_BYTES)) {
    throw new AppError("limit_reached", `A file of at most ${MOST_FILE_BYTES} bytes is kept.`, {
      remedy: "Bring the part that shows it, with its length told.",
    });
  }
  try {
    return await request.formData();
  } catch (thrown) {
    throw new AppError("invalid_input", "The request's body is not a form with a file.", { cause: thrown });
  }
}
