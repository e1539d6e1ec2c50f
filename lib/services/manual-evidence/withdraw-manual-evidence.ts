import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";

const withdrawn = z.strictObject({ id: z.int().positive() });

/** Takes evidence back: it counts no more from now on. The file stays, because older reports name it. @throws AppError "not_found". */
export async function withdrawManualEvidence(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "evidence:write", "manual evidence");
  const { id } = checkedInput(withdrawn, input);
  await context.database.transact(async ({ sql }) => {
    const { rows } = await sql.query<{ framework_id: string; control_id: string; sha256: string; file_name: string }>(
      `UPDATE manual_evidence SET withdrawn_at = $2, withdrawn_by = $3 WHERE id = $1 AND withdrawn_at IS NULL
       RETURNING framework_id, control_id, sha256, file_name`,
      [id, context.now, context.actor.id],
    );
    const [taken] = rows;
    if (!taken) throw new AppError("not_found", `There is no evidence ${id} that still stands.`);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "evidence.withdrawn",
      subject: `${taken.framework_id} ${taken.control_id}`,
      before: { id, fileName: taken.file_name, sha256: taken.sha256 },
    });
  });
}
