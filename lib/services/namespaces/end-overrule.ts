import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import { resolveNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";

const ended = z.strictObject({ id: z.int().positive() });

/** Ends a decision about whose a namespace is: from now on the claims decide again. @throws AppError "not_found". */
export async function endOverrule(context: ServiceContext, input: unknown): Promise<void> {
  await authorise(context, "owners:write", "namespaces");
  const { id } = checkedInput(ended, input);
  await context.database.transact(async ({ sql }) => {
    const standing = await sql.query<{ part: string }>("SELECT part FROM ownership_override WHERE id = $1", [id]);
    // The cluster first, as everybody does who decides about its namespaces.
    await lockCluster(sql, standing.rows[0]?.part ?? "");
    const { rows } = await sql.query<{ part: string; subject_key: string; team_key: string; reason: string }>(
      `UPDATE ownership_override SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL
       RETURNING part, subject_key, team_key, reason`,
      [id, context.now, context.actor.id],
    );
    const override = rows[0];
    if (!override) throw new AppError("not_found", `There is no decision ${id} that still stands.`);
    await resolveNamespaceOwners(sql, { clusterKey: override.part, now: context.now });
    await refreshSummaries(sql, override.part);
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "overrule.ended",
      subject: override.part,
      before: { id, subject: override.subject_key, teamKey: override.team_key, reason: override.reason },
    });
  });
}
