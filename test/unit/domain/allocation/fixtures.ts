import fc from "fast-check";
import type {
  AllocationRule,
  ChargeDimensions,
  DirectoryTeam,
  RuleMatch,
  RuleTarget,
} from "#lib/domain/allocation/rule.ts";
import { billingPeriod } from "#lib/domain/period.ts";

export function team(teamKey: string, more: Partial<DirectoryTeam> = {}): DirectoryTeam {
  return {
    teamKey,
    teamName: `Team ${teamKey}`,
    businessUnitKey: "unit",
    businessUnitName: "Unit",
    costCentre: "1000",
    aliases: [],
    ...more,
  };
}

export function rule(match: RuleMatch, target: RuleTarget, more: Partial<AllocationRule> = {}): AllocationRule {
  const position = more.position ?? 1;
  return { ruleId: `rule-${position}`, position, name: "", match, target, validFrom: null, validTo: null, ...more };
}

export function dimensions(more: Partial<ChargeDimensions> = {}): ChargeDimensions {
  return {
    provider: "AWS",
    billingAccountId: "100000000000",
    subAccountId: "100000000001",
    regionId: "eu-central-1",
    serviceCategory: "Compute",
    serviceName: "Amazon EC2",
    chargeCategory: "Usage",
    tags: {},
    resourcePatterns: [],
    ...more,
  };
}

const words = ["a", "b", "Ab", "ba ", "a*", "*b", "*", ""];
const wordArbitrary = fc.constantFrom(...words);
const valuesArbitrary = fc.option(fc.array(wordArbitrary, { maxLength: 3 }), { nil: undefined });
const tagKeysArbitrary = fc.array(fc.constantFrom("team", "Owner ", "constructor"), { minLength: 1, maxLength: 2 });
const periodArbitrary = fc.option(fc.constantFrom("2026-01", "2026-03", "2026-05").map(billingPeriod), { nil: null });

const matchArbitrary: fc.Arbitrary<RuleMatch> = fc
  .record({
    provider: valuesArbitrary,
    subAccountId: valuesArbitrary,
    serviceName: valuesArbitrary,
    resourceId: fc.option(fc.array(fc.constantFrom("i-*", "vol-*"), { maxLength: 2 }), { nil: undefined }),
    tag: fc.option(
      fc
        .record({ keys: tagKeysArbitrary, values: valuesArbitrary })
        .map(({ keys, values }) => (values ? { keys, values } : { keys })),
      { nil: undefined },
    ),
  })
  .map((match) => Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined)));

const teamKeyArbitrary = fc.constantFrom("a", "B", "ab", "gone");

const targetArbitrary: fc.Arbitrary<RuleTarget> = fc.oneof(
  teamKeyArbitrary.map((key): RuleTarget => ({ kind: "team", team: key })),
  fc.constantFrom<RuleTarget>({ kind: "pool", pool: "network" }, { kind: "pool", pool: "support" }),
  fc.record({
    kind: fc.constant("tag-value" as const),
    keys: tagKeysArbitrary,
    aliases: fc.dictionary(fc.constantFrom("ba", "A", "x"), teamKeyArbitrary, { maxKeys: 2 }),
  }),
);

/** Rules over a small world, so that they often match and often collide. Up to 70, more than fit into two words of bits. */
export const rulesArbitrary: fc.Arbitrary<AllocationRule[]> = fc
  .array(
    fc.record({ match: matchArbitrary, target: targetArbitrary, validFrom: periodArbitrary, validTo: periodArbitrary }),
    { maxLength: 70 },
  )
  .map((drafts) => drafts.map((draft, index) => rule(draft.match, draft.target, { ...draft, position: index + 1 })));

export const teamsArbitrary: fc.Arbitrary<DirectoryTeam[]> = fc.subarray([
  team("a", { aliases: ["ba"] }),
  team("b", { teamName: "Ab" }),
  team("ab"),
  team("c", { aliases: ["BA ", "x"] }),
]);

export const dimensionsArbitrary: fc.Arbitrary<ChargeDimensions> = fc
  .record({
    provider: wordArbitrary,
    subAccountId: wordArbitrary,
    serviceName: wordArbitrary,
    tags: fc.dictionary(fc.constantFrom("team", "owner", "other"), wordArbitrary, { maxKeys: 3 }),
    resourcePatterns: fc.subarray(["i-*", "vol-*"]),
  })
  .map(dimensions);
