import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { refreshSummaries } from "#lib/db/sprawl/refresh-summaries.ts";
import { dayOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import {
  checkedInput,
  checkUntil,
  findNamespaces,
  namedNamespaces,
  reasonText,
  untilInstant,
} from "#lib/services/namespaces/named-namespaces.ts";
import { loadDirectoryView } from "#lib/services/ownership/load-directory-view.ts";
import { resolveNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";

const overrule = z.strictObject({
  namespaces: namedNamespaces,
  teamKey: z.string().trim().min(1).max(200),
  reason: reasonText,
  until: untilInstant,
});

/**
 * Gives namespaces to a team, whatever is claimed about them, until an instant or until it is ended. An earlier decision about the same
 * namespace ends. One entry in the log for each cluster.
 *
 * @throws AppError "invalid_input", "not_found" where a namespace or the team is not there.
 */
export async function overruleOwner(context: ServiceContext, input: unknown): Promise<{ namespaces: number }> {
  await authorise(context, "owners:write", "namespaces");
  const { namespaces, teamKey, reason, until } = checkedInput(overrule, input);
  const end = checkUntil(until, context.now);
  return context.database.transact(async ({ sql }) => {
    const { teams } = await loadDirectoryView(sql, dayOf(context.now));
    // Where nobody has configured a directory, any text is a team.
    if (teams.length > 0 && !teams.some(({ key }) => key === teamKey))
      throw new AppError("not_found", `There is no team "${teamKey}".`, { remedy: "Choose a team of the directory." });
    const byCluster = await findNamespaces(sql, namespaces);
    for (const [clusterKey, own] of byCluster) {
      await lockCluster(sql, clusterKey);
      const subjects = own.map(({ uid }) => `${clusterKey} ${uid}`);
      const before = await sql.query<{ subject_key: string; team_key: string; reason: string }>(
        `UPDATE ownership_override SET ended_at = $2, ended_by = $3
         WHERE subject_kind = 'namespace' AND subject_key = ANY($1) AND ended_at IS NULL RETURNING subject_key, team_key, reason`,
        [subjects, context.now, context.actor.id],
      );
      await sql.query(
        `INSERT INTO ownership_override (subject_kind, subject_key, part, team_key, reason, until, decided_by, decided_at)
         SELECT 'namespace', subject, $2, $3, $4, $5, $6, $7 FROM unnest($1::text[]) AS subject`,
        [subjects, clusterKey, teamKey, reason, end, context.actor.id, context.now],
      );
      await resolveNamespaceOwners(sql, { clusterKey, now: context.now });
      await refreshSummaries(sql, clusterKey);
      await recordActivity(sql, {
        at: context.now,
        actor: context.actor,
        action: "owner.overruled",
        subject: clusterKey,
        before: before.rows,
        after: { namespaces: own, teamKey, reason, until },
      });
    }
    return { namespaces: [...byCluster.values()].reduce((sum, own) => sum + own.length, 0) };
  });
}
