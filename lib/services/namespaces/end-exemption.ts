import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { rejudge } from "#lib/services/namespaces/rejudge.ts";

const ended = z.strictObject({ id: z.int().positive() });

/** Ends an exemption: from now on the signs decide again. @throws AppError "not_found". */
export async function endExemption(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "exemptions:write", "namespaces");
  const { id } = checkedInput(ended, input);
  await context.database.transact(async ({ sql }) => {
    const standing = await sql.query<{ cluster_key: string }>(
      "SELECT cluster_key FROM namespace_exemption WHERE id = $1",
      [id],
    );
    // The cluster first, as everybody does who decides about its namespaces.
    await lockCluster(sql, standing.rows[0]?.cluster_key ?? "");
    const { rows } = await sql.query<{ cluster_key: string; uid: string; reason: string }>(
      `UPDATE namespace_exemption SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL RETURNING cluster_key, uid, reason`,
      [id, context.now, context.actor.id],
    );
    const exemption = rows[0];
    if (!exemption) throw new AppError("not_found", `There is no exemption ${id} that still stands.`);
    await rejudge(sql, exemption.cluster_key, context.now);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "exemption.ended",
      subject: exemption.cluster_key,
      before: { id, uid: exemption.uid, reason: exemption.reason },
    });
  });
}
