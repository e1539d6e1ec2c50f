import { z } from "zod";
import { recordActivity } from "#lib/db/activity.ts";
import { lockCluster } from "#lib/db/sprawl/lock-cluster.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import {
  checkedInput,
  checkUntil,
  findNamespaces,
  namedNamespaces,
  reasonText,
  untilInstant,
} from "#lib/services/namespaces/named-namespaces.ts";
import { rejudge } from "#lib/services/namespaces/rejudge.ts";

const exemption = z.strictObject({ namespaces: namedNamespaces, reason: reasonText, until: untilInstant });

/**
 * Decides that namespaces are kept although nothing uses them, until an instant or until it is ended. An earlier decision about the same
 * namespace ends. One entry in the log for each cluster.
 */
export async function exemptNamespaces(context: ServiceContext, input: unknown): Promise<{ namespaces: number }> {
  await authorise(context, "exemptions:write", "namespaces");
  const { namespaces, reason, until } = checkedInput(exemption, input);
  const end = checkUntil(until, context.now);
  return context.database.transact(async ({ sql }) => {
    const byCluster = await findNamespaces(sql, namespaces);
    for (const [clusterKey, own] of byCluster) {
      await lockCluster(sql, clusterKey);
      const uids = own.map(({ uid }) => uid);
      await sql.query(
        `UPDATE namespace_exemption SET ended_at = $3, ended_by = $4 WHERE cluster_key = $1 AND uid = ANY($2) AND ended_at IS NULL`,
        [clusterKey, uids, context.now, context.actor.id],
      );
      await sql.query(
        `INSERT INTO namespace_exemption (cluster_key, uid, reason, until, decided_by, decided_at)
         SELECT $1, uid, $3, $4, $5, $6 FROM unnest($2::text[]) AS uid`,
        [clusterKey, uids, reason, end, context.actor.id, context.now],
      );
      await rejudge(sql, clusterKey, context.now);
      await recordActivity(sql, {
        at: context.now,
        actor: context.actor,
        action: "namespaces.exempted",
        subject: clusterKey,
        after: { namespaces: own, reason, until },
      });
    }
    return { namespaces: [...byCluster.values()].reduce((sum, own) => sum + own.length, 0) };
  });
}
