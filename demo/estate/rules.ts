import type { AllocationRule, RuleMatch, RuleTarget, SharedPool } from "#lib/domain/allocation/rule.ts";
import { POOL_KEYS } from "#demo/estate/accounts.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { uuidOf } from "#demo/estate/random.ts";

/** Tags that name a team, most telling first. */
export const TEAM_TAG_KEYS = ["team", "owner-team"];

/** The shared pools that the demo starts with. */
export const DEMO_POOLS: readonly SharedPool[] = [
  { key: POOL_KEYS.platform, name: "Shared platform", method: "proportional", weights: {} },
  { key: POOL_KEYS.support, name: "Support and tax", method: "proportional", weights: {} },
  { key: POOL_KEYS.commitments, name: "Central commitments and credits", method: "proportional", weights: {} },
  { key: POOL_KEYS.security, name: "Security", method: "even", weights: {} },
  {
    key: POOL_KEYS.network,
    name: "Network",
    method: "fixed",
    // Agreed once a year from the traffic that was measured.
    weights: {
      "data-platform": "18",
      "integration-hub": "15",
      "claims-intake": "12.5",
      "policy-core": "12.5",
      "customer-portal": "11",
      "broker-portal": "9",
      "life-policy": "8",
      "provider-network": "6",
      "document-archive": "5",
      "general-ledger": "3",
    },
  },
];

/**
 * The allocation rules that the demo starts with: the team's tag first, then what everybody pays for, then the
 * accounts that belong to one team alone. About a twentieth of the cost stays unallocated.
 */
export function demoRules(estate: Estate): AllocationRule[] {
  const drafts: { name: string; match: RuleMatch; target: RuleTarget }[] = [
    { name: "Team tag", match: {}, target: { kind: "tag-value", keys: TEAM_TAG_KEYS } },
    { name: "Support", match: { serviceName: ["AWS Support*"] }, target: { kind: "pool", pool: POOL_KEYS.support } },
    { name: "Tax", match: { chargeCategory: ["Tax"] }, target: { kind: "pool", pool: POOL_KEYS.support } },
    ...[POOL_KEYS.security, POOL_KEYS.network, POOL_KEYS.platform, POOL_KEYS.commitments].map((pool) => ({
      name: `Shared accounts: ${DEMO_POOLS.find(({ key }) => key === pool)?.name ?? pool}`,
      match: { subAccountId: estate.accounts.filter((account) => account.pool === pool).map(({ id }) => id) },
      target: { kind: "pool" as const, pool },
    })),
    ...estate.teams.flatMap((team) => {
      const ids = estate.accounts.filter((account) => account.team === team.key).map(({ id }) => id);
      return ids.length === 0
        ? []
        : [
            {
              name: `Accounts of ${team.name}`,
              match: { subAccountId: ids },
              target: { kind: "team" as const, team: team.key },
            },
          ];
    }),
    {
      name: "Credits of the whole organisation",
      match: { chargeCategory: ["Credit"] },
      target: { kind: "pool", pool: POOL_KEYS.commitments },
    },
  ];
  return drafts.map((draft, index) => ({
    ruleId: uuidOf("rule", draft.name),
    position: index + 1,
    validFrom: null,
    validTo: null,
    ...draft,
  }));
}
