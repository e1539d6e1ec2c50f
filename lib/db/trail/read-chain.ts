import type { SqlExecutor } from "#lib/db/activity.ts";
import { numberArray } from "#lib/db/array-literal.ts";
import { dayOf, fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import { findPlaces } from "#lib/db/trail/find-places.ts";
import type { DeployFact, TicketFact } from "#lib/domain/trail/change-chain.ts";
import type { Sha256Hex } from "#lib/domain/trail/event-leaf.ts";

/** Of one look; what is beyond them is not looked at, which is told. */
export const MOST_FACTS = 500;
/** Of Bursar's own decisions. */
const MOST_DECISIONS = 5;

/** The newest versions of change requests whose planned time has the instant in it, called off or not. */
export async function readTicketsAt(sql: SqlExecutor, at: Date): Promise<TicketFact[]> {
  const { rows } = await sql.query(
    `SELECT c.seq::float8 AS seq, c.number, c.updated_at AS "updatedAt", c.person, c.planned_from AS "from", c.planned_to AS "to", c.is_approved AS "isApproved",
       coalesce((SELECT e.resource FROM event e WHERE e.seq = c.seq AND e.occurred_at = c.updated_at), '') AS item,
       (SELECT min(o.updated_at) FROM change_ticket o WHERE o.source_key = c.source_key AND o.number = c.number AND o.is_approved) AS "approvedAt"
     FROM change_ticket c
     WHERE c.planned_from <= $1 AND c.planned_to > $1
       AND NOT EXISTS (SELECT FROM change_ticket n WHERE n.source_key = c.source_key AND n.number = c.number AND n.updated_at > c.updated_at)
     ORDER BY c.planned_from DESC, c.number LIMIT ${MOST_FACTS}`,
    [at],
  );
  return rows as TicketFact[];
}

/** Sources whose trails tell of deploys. */
export type DeploySource = { key: string; kind: DeployFact["kind"]; title: string };

/** All that were ever configured: what a source told stays in the log. */
export async function readDeploySources(sql: SqlExecutor): Promise<DeploySource[]> {
  const { rows } = await sql.query(
    "SELECT key, kind, title FROM source WHERE kind IN ('argocd', 'terraform') ORDER BY key",
  );
  return rows as DeploySource[];
}

/** What deployers did in `[from, to)`, the newest first; looking is none of it. */
export async function readDeploys(
  sql: SqlExecutor,
  sha256Hex: Sha256Hex,
  sources: readonly DeploySource[],
  { from, to }: { from: Date; to: Date },
): Promise<DeployFact[]> {
  if (sources.length === 0) return [];
  // By the places of its source, for a deployer does little in a log that has much.
  const terms = sources.map(({ key }) => termHash(sha256Hex, fieldTerm("sourceKey", key)));
  const days = { from: dayOf(from), to: dayOf(to) + 1 };
  const found = await findPlaces(sql, [terms], days, {
    frequencies: { total: 0, counts: [0], blocksADay: 0 },
    share: null,
  });
  const { rows } = await sql.query(
    `SELECT e.seq::float8 AS seq, e.occurred_at AS at, s.kind, e.action, e.resource, e.cluster_key AS "clusterKey", e.namespace, e.actor, e.person, e.outcome
     FROM event e JOIN source s ON s.key = e.source_key
     WHERE e.seq = ANY($1::bigint[]) AND e.source_key = ANY($2) AND e.occurred_at >= $3 AND e.occurred_at < $4 AND e.verb_class <> 'read'
     ORDER BY e.occurred_at DESC, e.seq DESC LIMIT ${MOST_FACTS}`,
    [numberArray(found.flatMap(({ entries }) => entries)), sources.map(({ key }) => key), from, to],
  );
  return rows as DeployFact[];
}

/** A decision that was taken in Bursar. `seq` null: its entry is not in the trail yet. */
export type DecisionRow = {
  seq: number | null;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  /** What was decided on, and how, as its entry has it. */
  before: { ruleKey?: string; scope?: string } | null;
  after: { note?: string | null; teamKey?: string; reason?: string } | null;
};

/** The newest decisions of `[from, to]` about a namespace, an account, a cluster or a resource: approved waivers, owners that were named, exemptions. */
export async function readDecisions(
  sql: SqlExecutor,
  of: { clusterKey: string | null; namespace: string | null; accountId: string | null; resource: string },
  { from, to }: { from: Date; to: Date },
): Promise<DecisionRow[]> {
  const { rows } = await sql.query(
    `WITH own AS (SELECT DISTINCT uid FROM namespace_summary WHERE cluster_key = $4 AND name = $5)
     SELECT e.seq::float8 AS seq, a.at, a.actor_id AS actor, a.action, a.subject, a.before, a.after
     FROM activity a LEFT JOIN event e ON e.source_key = 'bursar' AND e.event_key = a.id::text AND e.occurred_at = date_trunc('milliseconds', a.at)
     WHERE a.action = ANY($1) AND a.at >= $2 AND a.at <= $3 AND CASE
       WHEN a.action = 'waiver.approved' THEN a.before->>'scope' IN ('account ' || $6, 'cluster ' || $4)
         OR a.before->>'scope' IN (SELECT 'namespace ' || $4 || ' ' || uid FROM own)
         OR ($7 <> '' AND a.before->>'scope' LIKE 'resource %' AND right(a.before->>'scope', length($7) + 1) = ' ' || $7)
       ELSE a.subject = $4 AND EXISTS (SELECT FROM jsonb_array_elements(a.after->'namespaces') n JOIN own ON own.uid = n->>'uid') END
     ORDER BY a.at DESC, a.id DESC LIMIT ${MOST_DECISIONS}`,
    [
      ["waiver.approved", "owner.overruled", "namespaces.exempted"],
      from,
      to,
      of.clusterKey,
      of.namespace,
      of.accountId,
      of.resource,
    ],
  );
  return rows as DecisionRow[];
}

/** What cost data call an account; null = they do not know it. */
export async function readAccountName(sql: SqlExecutor, accountId: string): Promise<string | null> {
  const { rows } = await sql.query("SELECT name FROM account WHERE account_id = $1 ORDER BY provider LIMIT 1", [
    accountId,
  ]);
  return rows[0] ? String(rows[0]["name"]) : null;
}

/** Whether an inventory ever had the namespace. */
export async function isInventoried(sql: SqlExecutor, clusterKey: string, namespace: string): Promise<boolean> {
  const { rows } = await sql.query("SELECT FROM namespace_summary WHERE cluster_key = $1 AND name = $2 LIMIT 1", [
    clusterKey,
    namespace,
  ]);
  return rows.length > 0;
}
