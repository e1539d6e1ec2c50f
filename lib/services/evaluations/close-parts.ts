import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import type { EvaluatedRule, EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";

/** Until when the last look at a closed account speaks: nobody looks at it again, unless it is opened again. */
const FOR_EVER = Date.UTC(9999, 11, 31);
const NOTE = "The account is closed.";

/** Whether a provider's state of an account is that it is closed, or about to be: nothing runs in it for anybody. */
export function isClosedState(state: string): boolean {
  return /CLOS|SUSPEND/i.test(state);
}

/**
 * Ends the gaps that closed accounts of an organisation would be for ever: nobody looks at them again, and what was evaluated in them is not
 * applicable from now on. An account that is still looked at is left alone until that look has had its time. In the caller's transaction.
 *
 * @returns how many parts were closed.
 */
export async function closeParts(
  context: ServiceContext,
  sql: PoolClient,
  { organisation, at }: { organisation: string; at: Date },
): Promise<number> {
  const sources = Object.entries(loadConfig().sources).flatMap(([key, { kind }]) => (kind === "aws-config" ? key : []));
  const { rows } = await sql.query<{ source_key: string; part: string; state: string }>(
    `SELECT t.source_key, t.part, a.state FROM evaluation_part t JOIN cloud_account a ON a.account_id = t.part
     WHERE t.source_key = ANY($1) AND a.source_key = $2 AND a.seen_to IS NULL AND t.good_until <= $3 ORDER BY 1, 2`,
    [sources, organisation, at],
  );
  const closed = rows.filter(({ state }) => isClosedState(state));
  for (const { source_key: sourceKey, part } of closed) await closePart(context, sql, { sourceKey, part, at });
  return closed.length;
}

/** The last look at one part: everything in it is not applicable from `at` on, and that stays so. In the caller's transaction. */
export async function closePart(
  context: ServiceContext,
  sql: PoolClient,
  { sourceKey, part, at }: { sourceKey: string; part: string; at: Date },
): Promise<void> {
  await authorise(context, "sources:pull", `${sourceKey} ${part}`);
  const [rules, items] = [await readRules(sql, sourceKey, part), await readStanding(sql, sourceKey, part)];
  const reading: EvaluationReading = { rules, items: inOne(items), unread: () => [] };
  await publishEvaluations(context, sql, { sourceKey, part, at, goodForMs: FOR_EVER - at.getTime(), reading });
}

async function* inOne(items: EvaluationItem[]): AsyncGenerator<EvaluationItem[]> {
  yield items;
}

async function readRules(sql: SqlExecutor, sourceKey: string, part: string): Promise<EvaluatedRule[]> {
  const { rows } = await sql.query(
    `SELECT rule_key, title, description, severity, remedy, details FROM compliance_rule
     WHERE source_key = $1 AND part = $2 AND seen_to IS NULL ORDER BY rule_key`,
    [sourceKey, part],
  );
  return rows.map((row) => ({
    ruleKey: String(row["rule_key"]),
    title: String(row["title"]),
    description: row["description"] as string | null,
    severity: row["severity"] as Severity | null,
    remedy: row["remedy"] as string | null,
    details: row["details"] as Record<string, unknown>,
  }));
}

async function readStanding(sql: SqlExecutor, sourceKey: string, part: string): Promise<EvaluationItem[]> {
  const { rows } = await sql.query(
    `SELECT p.rule_key, r.kind, r.resource_key, r.name, r.account_id, r.region, r.cluster_key, r.namespace_uid
     FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id
     JOIN compliance_resource r ON r.id = e.resource_id
     WHERE c.grain = 'full' AND c.source_key = $1 AND c.part = $2 AND e.valid_to IS NULL AND e.retired_at IS NULL`,
    [sourceKey, part],
  );
  return rows.map((row) => ({
    ruleKey: String(row["rule_key"]),
    resource: {
      kind: String(row["kind"]),
      key: String(row["resource_key"]),
      name: String(row["name"]),
      accountId: row["account_id"] as string | null,
      region: row["region"] as string | null,
      clusterKey: row["cluster_key"] as string | null,
      namespaceUid: row["namespace_uid"] as string | null,
      environment: null,
    },
    verdict: "not_applicable",
    note: NOTE,
    evidence: null,
    from: null,
    to: null,
  }));
}
