import type { PoolClient } from "pg";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { toReading } from "#lib/services/policies/to-reading.ts";
import type { ReportedPolicies } from "#lib/sources/cluster-guardrails.ts";
import type { UnreadRule } from "#lib/sources/evaluation-reading.ts";

/**
 * Takes over what policy engines and scanners report in a cluster, under the source that reads it. Rules that came from a kind of report
 * that could not be read now are unknown from this look on. Where nothing is installed, and never was, there is nothing to publish.
 */
export async function publishReports(
  context: ServiceContext,
  sql: PoolClient,
  look: { sourceKey: string; clusterKey: string; reports: ReportedPolicies; at: Date; goodForMs: number },
): Promise<void> {
  const { sourceKey, clusterKey, reports, at, goodForMs } = look;
  const { rules, items, unread } = reports;
  const known = await sql.query<{ rule_key: string; kind: string | null }>(
    "SELECT rule_key, details->>'kind' AS kind FROM compliance_rule WHERE source_key = $1 AND part = $2 AND seen_to IS NULL",
    [sourceKey, clusterKey],
  );
  if (rules.length === 0 && known.rows.length === 0) return;
  const unreadRules: UnreadRule[] = known.rows.flatMap(({ rule_key: ruleKey, kind }) => {
    // A rule may report in namespaces and on the cluster: what one kind of report says does not stand for the other.
    const missing = unread.find((one) => kind !== null && (one.kind === kind || one.kind.endsWith(`.${kind}`)));
    return missing === undefined ? [] : [{ ruleKey, reason: missing.message, remedy: missing.rbacLine }];
  });
  await publishEvaluations(context, sql, {
    sourceKey,
    part: clusterKey,
    at,
    goodForMs,
    reading: toReading([{ rules, items }], unreadRules),
  });
}
