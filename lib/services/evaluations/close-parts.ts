import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Severity } from "#lib/domain/posture/verdict.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import type { EvaluatedRule, EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";

/** Until when the last look at such an account speaks: nobody looks at it again, unless it is opened again or comes back. */
const FOR_EVER = Date.UTC(9999, 11, 31);
const CLOSED = "The account is closed.";
const GONE = "The account has left its organisation.";

/** Whether a provider's state of an account is that it is closed, or about to be: nothing runs in it for anybody. */
export function isClosedState(state: string): boolean {
  return /CLOS|SUSPEND/i.test(state);
}

/**
 * Ends the gaps that accounts would be for ever that the organisation calls closed, or lists no more: nobody looks at them again, and what
 * was evaluated in them is not applicable from now on. To be asked after the whole organisation was read, for what a list lacks has then
 * left. An account that is still looked at is left alone until that look has had its time, and so is one that has left but that another
 * organisation lists, or that the settings name: that is meant to be looked at. In the caller's transaction.
 *
 * @returns how many parts were closed.
 */
export async function closeParts(
  context: ServiceContext,
  sql: PoolClient,
  { organisation, at }: { organisation: string; at: Date },
): Promise<number> {
  const sources = Object.entries(loadConfig().sources).flatMap(([key, spec]) =>
    spec.kind === "aws-config" ? { key, named: new Set(spec.accounts) } : [],
  );
  const { rows } = await sql.query<{ source_key: string; part: string; state: string; is_gone: boolean }>(
    `SELECT t.source_key, t.part, a.state, a.seen_to IS NOT NULL AS is_gone FROM evaluation_part t
     JOIN LATERAL (SELECT state, seen_to FROM cloud_account WHERE account_id = t.part AND source_key = $2
                   ORDER BY seen_from DESC, id DESC LIMIT 1) a ON true
     WHERE t.source_key = ANY($1) AND t.good_until <= $3
       AND (a.seen_to IS NULL OR NOT EXISTS (SELECT FROM cloud_account o WHERE o.account_id = t.part AND o.seen_to IS NULL))
     ORDER BY 1, 2`,
    [sources.map(({ key }) => key), organisation, at],
  );
  const isNamed = (sourceKey: string, part: string) =>
    sources.some(({ key, named }) => key === sourceKey && named.has(part));
  const ended = rows.filter(({ source_key: sourceKey, part, state, is_gone: isGone }) =>
    isGone ? !isNamed(sourceKey, part) : isClosedState(state),
  );
  for (const { source_key: sourceKey, part, is_gone: isGone } of ended)
    await closePart(context, sql, { sourceKey, part, at, note: isGone ? GONE : CLOSED });
  return ended.length;
}

/** The last look at one part: everything in it is not applicable from `at` on, and that stays so. In the caller's transaction. */
export async function closePart(
  context: ServiceContext,
  sql: PoolClient,
  { sourceKey, part, at, note = CLOSED }: { sourceKey: string; part: string; at: Date; note?: string },
): Promise<void> {
  await authorise(context, "sources:pull", `${sourceKey} ${part}`);
  const [rules, items] = [await readRules(sql, sourceKey, part), await readStanding(sql, sourceKey, part, note)];
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

async function readStanding(
  sql: SqlExecutor,
  sourceKey: string,
  part: string,
  note: string,
): Promise<EvaluationItem[]> {
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
    note,
    evidence: null,
    from: null,
    to: null,
  }));
}
