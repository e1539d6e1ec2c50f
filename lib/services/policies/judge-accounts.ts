import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import type { AccountFacts } from "#lib/policies/facts.ts";
import { ACCOUNT_POLICIES, TIER_POLICIES } from "#lib/policies/index.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { isClosedState } from "#lib/services/evaluations/close-parts.ts";
import { EVALUATION_SCHEDULES, lookReachMs } from "#lib/services/evaluations/look-reach.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { policySettings } from "#lib/services/policies/policy-settings.ts";
import { judgeAll, POLICIES_SOURCE, toReading } from "#lib/services/policies/to-reading.ts";

/** Rules of AWS Config that say whether an account has a trail. */
const TRAIL_RULES = ["CLOUD_TRAIL_ENABLED", "MULTI_REGION_CLOUD_TRAIL_ENABLED", "CLOUDTRAIL_SECURITY_TRAIL_ENABLED"];

type StoredAccount = { account_id: string; name: string; state: string; tags: Record<string, string> | null };

/**
 * Judges the accounts of one organisation by what is stored of them: after the organisation was read. One part for all of them, because
 * they are read in one look. In the caller's transaction.
 */
export async function judgeAccounts(
  context: ServiceContext,
  sql: PoolClient,
  { sourceKey, at, goodForMs }: { sourceKey: string; at: Date; goodForMs: number },
): Promise<void> {
  const { rows } = await sql.query<StoredAccount>(
    "SELECT account_id, name, state, tags FROM cloud_account WHERE source_key = $1 AND seen_to IS NULL ORDER BY account_id",
    [sourceKey],
  );
  if (rows.length === 0) return;
  const evaluated = await readEvaluated(sql, at);
  const things = rows.map(({ account_id: accountId, name, state, tags }) => {
    const facts: AccountFacts = {
      isOpen: !isClosedState(state),
      tags,
      hasTrail: evaluated.trails.get(accountId) ?? null,
      hasConfig: evaluated.config.get(accountId) ?? null,
    };
    return {
      resource: {
        kind: "Account",
        key: accountId,
        name,
        accountId,
        region: null,
        clusterKey: null,
        namespaceUid: null,
        environment: null,
      },
      facts,
    };
  });
  const judging = { now: at, settings: policySettings() };
  await publishEvaluations(context, sql, {
    sourceKey: POLICIES_SOURCE,
    part: `accounts ${sourceKey}`,
    at,
    goodForMs,
    reading: toReading([
      judgeAll({ policies: ACCOUNT_POLICIES, things }, judging),
      judgeAll({ policies: TIER_POLICIES, things: things.filter(({ facts }) => facts.isOpen) }, judging),
    ]),
  });
}

/**
 * What others' rules say now of each account: whether it has a trail, and whether rules are evaluated in it at all. Null, or not there, is
 * unknown: nothing says it, or the last look that did speaks no more.
 */
async function readEvaluated(
  sql: PoolClient,
  at: Date,
): Promise<{ trails: Map<string, boolean | null>; config: Map<string, boolean> }> {
  // A failed look leaves its stretches open. What no look speaks for any more may be otherwise by now.
  const trails = await sql.query<{ account_id: string; has_trail: boolean | null }>(
    `SELECT c.account_id, CASE WHEN bool_or(e.verdict = 'pass' AND t.good_until > $2) THEN true
                               WHEN bool_and(t.good_until > $2) THEN false END AS has_trail
     FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id
     JOIN evaluation_part t ON t.source_key = c.source_key AND t.part = c.part
     WHERE c.grain = 'full' AND p.rule_key = ANY($1) AND e.valid_to IS NULL AND e.retired_at IS NULL AND e.verdict IN ('pass', 'fail')
       AND c.account_id <> '' GROUP BY c.account_id`,
    [TRAIL_RULES, at],
  );
  const configSources = Object.entries(loadConfig().sources).flatMap(([key, spec]) =>
    spec.kind === "aws-config"
      ? { key, since: new Date(at.getTime() - lookReachMs(spec.schedule ?? EVALUATION_SCHEDULES["aws-config"], at)) }
      : [],
  );
  const configKeys = configSources.map(({ key }) => key);
  const config = await sql.query<{ account_id: string }>(
    `SELECT DISTINCT c.account_id FROM posture_cell c JOIN evaluation_part t ON t.source_key = c.source_key AND t.part = c.part
     WHERE c.grain = 'full' AND c.source_key = ANY($1) AND c.account_id <> '' AND t.good_until > $2
       AND EXISTS (SELECT 1 FROM evaluation e WHERE e.cell_id = c.id AND e.valid_to IS NULL AND e.retired_at IS NULL
                   AND e.verdict IN ('pass', 'fail'))`,
    [configKeys, at],
  );
  // A look that was refused says nothing. One that was answered with "off" does, as long as a look of its source speaks, and as none
  // after it was answered otherwise.
  const off = await sql.query<{ part: string }>(
    `SELECT part FROM (SELECT DISTINCT ON (l.source_key, l.part) l.part, l.error ->> 'code' AS code, l.at > s.since AS speaks
       FROM evaluation_look l JOIN unnest($1::text[], $3::timestamptz[]) AS s (source_key, since) USING (source_key)
       WHERE l.at <= $2 ORDER BY l.source_key, l.part, l.at DESC) newest WHERE code = 'switched_off' AND speaks`,
    [configKeys, at, configSources.map(({ since }) => since)],
  );
  return {
    trails: new Map(trails.rows.map((row) => [row.account_id, row.has_trail])),
    config: new Map([
      ...off.rows.map(({ part }): [string, boolean] => [part, false]),
      ...config.rows.map((row): [string, boolean] => [row.account_id, true]),
    ]),
  };
}
