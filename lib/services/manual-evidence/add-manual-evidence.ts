import { createHash } from "node:crypto";
import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkFile } from "#lib/services/manual-evidence/check-file.ts";
import { checkedInput, checkUntil, reasonText, untilInstant } from "#lib/services/namespaces/named-namespaces.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";

const brought = z.strictObject({
  frameworkId: z.string().min(1).max(200),
  controlId: z.string().min(1).max(200),
  note: reasonText,
  validUntil: untilInstant,
  fileName: z.string().min(1).max(1_000),
  content: z.instanceof(Uint8Array),
});

/**
 * Keeps a file as evidence for what of a control is shown by hand, with its hash, who brought it, when, and until when it counts.
 *
 * @throws AppError "not_found" where the framework has no such control, "invalid_input" where rules speak for all of it or the file does
 *   not fit, "limit_reached" beyond 20 MiB.
 */
export async function addManualEvidence(
  context: ServiceContext,
  input: unknown,
): Promise<{ id: number; sha256: string }> {
  await authorise(context, "evidence:write", "manual evidence");
  const { content, ...told } = checkedInput(brought, input);
  requireManualControl(told.frameworkId, told.controlId);
  const { name, mediaType } = checkFile({ fileName: told.fileName, content });
  const until = checkUntil(told.validUntil, context.now);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return context.database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ id: number }>(
      `INSERT INTO manual_evidence (framework_id, control_id, note, file_name, media_type, sha256, size, content, uploaded_by, uploaded_at, valid_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
      [
        told.frameworkId,
        told.controlId,
        told.note,
        name,
        mediaType,
        sha256,
        content.length,
        Buffer.from(content),
        context.actor.id,
        context.now,
        until,
      ],
    );
    const [kept] = rows;
    if (!kept) throw new AppError("internal", "The evidence was not stored.");
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "evidence.added",
      subject: `${told.frameworkId} ${told.controlId}`,
      after: {
        id: kept.id,
        fileName: name,
        sha256,
        size: content.length,
        note: told.note,
        validUntil: told.validUntil,
      },
    });
    return { id: kept.id, sha256 };
  });
}

function requireManualControl(frameworkId: string, controlId: string): void {
  const framework = findFramework(frameworkId);
  const control = framework.controls.find(({ id }) => id === controlId);
  if (!control)
    throw new AppError("not_found", `${framework.name} has no control "${controlId}".`, {
      place: { column: "controlId", value: controlId },
    });
  if (control.manual !== null) return;
  throw new AppError("invalid_input", `Rules speak for all of ${controlId}: nothing of it is shown by hand.`, {
    remedy: "Mend what fails, or ask for a waiver.",
    place: { column: "controlId", value: controlId },
  });
}
