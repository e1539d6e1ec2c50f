import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** The file as it was brought, byte for byte. Who takes it is logged. @throws AppError "not_found". */
export async function readManualEvidence(
  context: ServiceContext,
  { id }: { id: number },
): Promise<{ fileName: string; contentType: string; body: Uint8Array }> {
  await authorise(context, "evidence:read", "manual evidence");
  const { rows } = await context.database.pool.query<{
    file_name: string;
    media_type: string;
    content: Buffer;
    sha256: string;
    framework_id: string;
    control_id: string;
  }>("SELECT file_name, media_type, content, sha256, framework_id, control_id FROM manual_evidence WHERE id = $1", [
    id,
  ]);
  const [row] = rows;
  if (!row) throw new AppError("not_found", `There is no evidence ${id}.`);
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "evidence.downloaded",
    subject: `${row.framework_id} ${row.control_id}`,
    after: { id, fileName: row.file_name, sha256: row.sha256 },
  });
  return { fileName: row.file_name, contentType: row.media_type, body: row.content };
}
