import { readKeyCosts, type KeyCost } from "#lib/db/key-costs.ts";
import { compileRules, matchesRule } from "#lib/domain/allocation/assign.ts";
import type { AllocationRule, Assignment, DirectoryTeam } from "#lib/domain/allocation/rule.ts";
import { decimal, toAmount, ZERO, type Decimal } from "#lib/domain/money.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { loadAllocation, type Allocation } from "#lib/services/rules/load-allocation.ts";
import { lastPosition } from "#lib/services/rules/place-rule.ts";
import { parseRuleDraft } from "#lib/services/rules/rule-draft.ts";
import type { RuleDraft, RulePreview } from "#lib/services/rules/rule-view.ts";
import { covers, projectionFor } from "#lib/services/sources/projection.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";

/** What saving a rule would move, in billed cost, in each open period. Nothing is written. */
export async function previewRule(context: ServiceContext, input: unknown): Promise<RulePreview> {
  await authorise(context, "rules:write", "rules");
  const draft = parseRuleDraft(input);
  const { pool } = context.database;
  const { rows } = await pool.query<{ period: BillingPeriod; is_closed: boolean; projections: Projection[] }>(
    `SELECT s.period, c.period IS NOT NULL AS is_closed, jsonb_agg(p.projection) AS projections
     FROM slice s JOIN publication p ON p.id = s.publication_id LEFT JOIN closed_period c ON c.period = s.period
     WHERE s.dataset = 'cost' GROUP BY 1, 2 ORDER BY 1 DESC`,
  );
  const preview: RulePreview = { moves: [], openPeriods: [], closedPeriods: [], needsFiles: false };
  for (const { period, is_closed: isClosed, projections } of rows) {
    const costs = await readKeyCosts(pool, period);
    if (isClosed) {
      if (isInPeriod(draft, period) && costs.some((cost) => matchesRule(draft, cost.dimensions)))
        preview.closedPeriods.push(period);
      continue;
    }
    const { rules, teams, pools, accountOwners } = await loadAllocation(pool, period);
    const after = withDraft(rules, draft);
    preview.openPeriods.push(period);
    preview.needsFiles ||= projections.some((made) => !covers(made, projectionFor(after)));
    preview.moves.push(
      ...movesOf(
        period,
        costs,
        compareRules(rules, after, { teams, period, accountOwners }),
        new Map(pools.map((one) => [one.key, one.name])),
        teams,
      ),
    );
  }
  return preview;
}

/** The rules as they would be with the draft saved. */
export function withDraft(rules: readonly AllocationRule[], draft: RuleDraft): AllocationRule[] {
  const existing = rules.find((rule) => rule.ruleId === draft.ruleId);
  const position = draft.position ?? existing?.position ?? lastPosition(rules);
  const saved: AllocationRule = { ...draft, ruleId: draft.ruleId ?? "draft", position };
  return [...rules.filter((rule) => rule !== existing), saved].toSorted((a, b) => a.position - b.position);
}

type Compare = (cost: KeyCost) => { before: Assignment; after: Assignment };

function compareRules(
  before: AllocationRule[],
  after: AllocationRule[],
  around: Pick<Allocation, "teams" | "accountOwners"> & { period: BillingPeriod },
): Compare {
  const compile = (rules: AllocationRule[]) => compileRules(rules, around.teams, around.period, around.accountOwners);
  const [old, fresh] = [compile(before), compile(after)];
  return ({ dimensions }) => ({ before: old.assign(dimensions), after: fresh.assign(dimensions) });
}

function movesOf(
  period: BillingPeriod,
  costs: readonly KeyCost[],
  compare: Compare,
  poolNames: ReadonlyMap<string, string>,
  teams: readonly DirectoryTeam[],
): RulePreview["moves"] {
  const teamNames = new Map(teams.map((team) => [team.teamKey, team.teamName]));
  const nameOf = (verdict: Assignment) => {
    if (verdict.kind === "team") return teamNames.get(verdict.teamKey) ?? verdict.teamKey;
    return verdict.kind === "pool" ? `pool ${poolNames.get(verdict.poolKey) ?? verdict.poolKey}` : "unallocated";
  };
  const moves = new Map<string, { currency: string; from: string; to: string; amount: Decimal; lineItems: number }>();
  for (const cost of costs) {
    const { before, after } = compare(cost);
    const [from, to] = [nameOf(before), nameOf(after)];
    if (from === to) continue;
    const id = JSON.stringify([cost.currency, from, to]);
    const move = moves.get(id) ?? { currency: cost.currency, from, to, amount: ZERO, lineItems: 0 };
    moves.set(id, {
      ...move,
      amount: move.amount.plus(decimal(cost.billed)),
      lineItems: move.lineItems + cost.lineItems,
    });
  }
  return [...moves.values()]
    .toSorted((a, b) => b.amount.abs().comparedTo(a.amount.abs()))
    .map((move) => ({ ...move, period, amount: toAmount(move.amount) }));
}

function isInPeriod(rule: Pick<AllocationRule, "validFrom" | "validTo">, period: BillingPeriod): boolean {
  return (rule.validFrom === null || rule.validFrom <= period) && (rule.validTo === null || period < rule.validTo);
}
