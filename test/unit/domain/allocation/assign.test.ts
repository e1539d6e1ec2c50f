import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRules, matchesRule, requiredProjection } from "#lib/domain/allocation/assign.ts";
import type { AllocationRule, Assignment, ChargeDimensions, DirectoryTeam } from "#lib/domain/allocation/rule.ts";
import { teamDirectory } from "#lib/domain/allocation/team-directory.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { comparable, normaliseTagKey, tagValue } from "#lib/domain/tags.ts";
import { dimensions, dimensionsArbitrary, rule, rulesArbitrary, team, teamsArbitrary } from "./fixtures.ts";

const MARCH = billingPeriod("2026-03");
const UNALLOCATED = { kind: "unallocated" };
const claims = team("claims", { teamName: "Claims Handling", aliases: ["clm"] });
const motor = team("motor");

function assign(rules: AllocationRule[], charge: Partial<ChargeDimensions> = {}, teams = [claims, motor]) {
  return compileRules(rules, teams, MARCH).assign(dimensions(charge));
}

const toClaims = { kind: "team", team: "claims" } as const;
const toMotor = { kind: "team", team: "motor" } as const;
const byTag = { kind: "tag-value", keys: ["team", "owner"] } as const;
const fromTag = { ...byTag, keys: [...byTag.keys] };

describe("compileRules", () => {
  test("the first rule by position wins, however the rules are listed", () => {
    const rules = [rule({}, toMotor, { position: 2 }), rule({ provider: ["aws"] }, toClaims, { position: 1 })];
    expect(assign(rules)).toEqual({ kind: "team", teamKey: "claims" });
    expect(assign(rules, { provider: "Microsoft" })).toEqual({ kind: "team", teamKey: "motor" });
  });

  test("every given field must match, and one of its values is enough", () => {
    const rules = [rule({ provider: ["Oracle", "AWS"], regionId: ["eu-*"] }, toClaims)];
    expect(assign(rules)).toEqual({ kind: "team", teamKey: "claims" });
    expect(assign(rules, { regionId: "us-east-1" })).toEqual(UNALLOCATED);
  });

  test("a condition with an empty list of values holds for nothing", () => {
    expect(assign([rule({ provider: [] }, toClaims)])).toEqual(UNALLOCATED);
    expect(assign([rule({ tag: { keys: ["team"], values: [] } }, toClaims)], { tags: { team: "x" } })).toEqual(
      UNALLOCATED,
    );
  });

  test("a rule applies from its first period on and no longer in the period where it ends", () => {
    const from = (validFrom: string | null, validTo: string | null) =>
      assign([
        rule({}, toClaims, {
          validFrom: validFrom && billingPeriod(validFrom),
          validTo: validTo && billingPeriod(validTo),
        } as Partial<AllocationRule>),
      ]);
    expect(from("2026-03", null)).toEqual({ kind: "team", teamKey: "claims" });
    expect(from("2026-04", null)).toEqual(UNALLOCATED);
    expect(from(null, "2026-04")).toEqual({ kind: "team", teamKey: "claims" });
    expect(from(null, "2026-03")).toEqual(UNALLOCATED);
  });

  test("a team that the directory does not have in the period is reported and its rule passed over", () => {
    const compiled = compileRules(
      [
        rule({}, { kind: "team", team: "marine" }, { position: 1 }),
        rule({}, { kind: "pool", pool: "network" }, { position: 2 }),
      ],
      [claims],
      MARCH,
    );
    expect(compiled.explain(dimensions())).toEqual({
      assignment: { kind: "pool", poolKey: "network" },
      ruleId: "rule-2",
    });
    expect(compiled.unknownTeams).toEqual([{ ruleId: "rule-1", team: "marine" }]);
  });

  test("a rule out of its time does not report its team", () => {
    const past = rule({}, { kind: "team", team: "marine" }, { validTo: MARCH });
    expect(compileRules([past], [claims], MARCH).unknownTeams).toEqual([]);
  });

  test.each(["CLAIMS ", "claims handling", "Clm"])("the tag value %s names the team by key, name or alias", (value) => {
    expect(assign([rule({}, fromTag)], { tags: { team: value } })).toEqual({ kind: "team", teamKey: "claims" });
  });

  test("the rule's own aliases come before the directory", () => {
    const rules = [rule({}, { ...fromTag, aliases: { "Claims ": "motor", "": "motor" } })];
    expect(assign(rules, { tags: { owner: "claims" } })).toEqual({ kind: "team", teamKey: "motor" });
  });

  test("an alias for a team that is not there names nobody and is reported", () => {
    const compiled = compileRules([rule({}, { ...fromTag, aliases: { claims: "marine" } })], [claims], MARCH);
    expect(compiled.assign(dimensions({ tags: { team: "claims" } }))).toEqual(UNALLOCATED);
    expect(compiled.unknownTeams).toEqual([{ ruleId: "rule-1", team: "marine" }]);
  });

  test("only the first of the tags that is there is read", () => {
    expect(assign([rule({}, fromTag)], { tags: { team: "nobody", owner: "claims" } })).toEqual(UNALLOCATED);
    expect(assign([rule({}, fromTag)], { tags: { team: " ", owner: "claims" } })).toEqual({
      kind: "team",
      teamKey: "claims",
    });
  });

  test("a value that names nobody falls through to the next rule", () => {
    const rules = [rule({}, fromTag, { position: 1 }), rule({}, toMotor, { position: 2 })];
    expect(assign(rules, { tags: { team: "nobody" } })).toEqual({ kind: "team", teamKey: "motor" });
  });

  test("a name that two teams share names nobody and is reported", () => {
    const compiled = compileRules([rule({}, fromTag)], [claims, team("other", { aliases: ["CLM"] })], MARCH);
    expect(compiled.assign(dimensions({ tags: { team: "clm" } }))).toEqual(UNALLOCATED);
    expect(compiled.ambiguousNames).toEqual(["clm"]);
  });

  test("a resource pattern matches where the roll-up noted it", () => {
    const rules = [rule({ resourceId: ["i-*", "vol-*"] }, toClaims)];
    expect(assign(rules, { resourcePatterns: ["vol-*"] })).toEqual({ kind: "team", teamKey: "claims" });
    expect(assign(rules, { resourcePatterns: ["snap-*"] })).toEqual(UNALLOCATED);
  });

  test("tags that every object inherits are not there", () => {
    expect(assign([rule({ tag: { keys: ["constructor"] } }, toClaims)])).toEqual(UNALLOCATED);
  });

  test("for any rules every set of dimensions gets exactly the assignment that reading rule by rule gives", () => {
    fc.assert(
      fc.property(
        rulesArbitrary,
        teamsArbitrary,
        fc.array(dimensionsArbitrary, { maxLength: 20 }),
        (rules, teams, charges) => {
          const compiled = compileRules(rules, teams, MARCH);
          for (const charge of charges) {
            const { assignment, ruleId } = compiled.explain(charge);
            expect({ assignment, ruleId }).toEqual(assignSlowly(rules, teams, charge));
            expect(compiled.assign(charge)).toEqual(assignment);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("100,000 keys under 500 rules take seconds at the very most", () => {
    const rules = Array.from({ length: 500 }, (_, index) =>
      rule(
        index % 3 === 0
          ? { subAccountId: [`account-${index}`], regionId: ["eu-*"] }
          : { tag: { keys: ["app", "application"], values: [`app-${index}`, `*-${index}-x`] } },
        index % 5 === 0 ? { kind: "tag-value", keys: ["team"], aliases: {} } : toClaims,
        { position: index },
      ),
    );
    const compiled = compileRules(rules, [claims, motor], MARCH);
    const charges = Array.from({ length: 100_000 }, (_, index) =>
      dimensions({
        subAccountId: `account-${index % 700}`,
        tags: { app: `app-${index % 5000}`, team: `t${index % 3000}` },
      }),
    );
    const started = performance.now();
    const found = charges.filter((charge) => compiled.assign(charge).kind === "team").length;
    const elapsedMs = performance.now() - started;
    expect(found).toBeGreaterThan(1000);
    expect(elapsedMs).toBeLessThan(5000);
  });
});

describe("matchesRule", () => {
  test("values and tags are compared trimmed and without case", () => {
    const condition = rule({ serviceName: [" amazon ec2"], tag: { keys: ["App "], values: ["Claims-*"] } }, toClaims);
    expect(matchesRule(condition, dimensions({ tags: { app: " claims-web" } }))).toBe(true);
    expect(matchesRule(condition, dimensions({ tags: { app: "motor-web" } }))).toBe(false);
  });

  test("a rule without conditions matches everything", () => {
    expect(matchesRule({ match: {} }, dimensions())).toBe(true);
  });
});

test("the projection holds every tag key and pattern that rules ask for, once", () => {
  const rules = [
    rule({ tag: { keys: ["Team ", "owner"] }, resourceId: ["vol-*", "i-*"] }, toClaims),
    rule({ resourceId: ["i-*"] }, { kind: "tag-value", keys: ["team", "Cost-Center"] }),
  ];
  expect(requiredProjection(rules)).toEqual({
    tagKeys: ["cost-center", "owner", "team"],
    resourcePatterns: ["i-*", "vol-*"],
  });
});

/** Reads rule by rule, as the description of the rules says it. */
function assignSlowly(
  rules: AllocationRule[],
  teams: DirectoryTeam[],
  charge: ChargeDimensions,
): { assignment: Assignment; ruleId: string | null } {
  const directory = teamDirectory(teams);
  for (const one of rules) {
    if ((one.validFrom && MARCH < one.validFrom) || (one.validTo && MARCH >= one.validTo)) continue;
    if (!matchesRule(one, charge)) continue;
    const { target, ruleId } = one;
    if (target.kind === "pool") return { assignment: { kind: "pool", poolKey: target.pool }, ruleId };
    let teamKey: string | null = null;
    if (target.kind === "team") teamKey = directory.byKey(target.team);
    else {
      const value = target.keys
        .map((key) => tagValue(charge.tags, normaliseTagKey(key)))
        .find((found) => found !== null);
      const aliases = Object.entries(target.aliases ?? {}).map(([alias, to]) => [comparable(alias), to] as const);
      const alias = value && aliases.find(([name]) => name === comparable(value))?.[1];
      if (value) teamKey = directory.resolve(alias ?? value);
    }
    if (teamKey !== null) return { assignment: { kind: "team", teamKey }, ruleId };
  }
  return { assignment: { kind: "unallocated" }, ruleId: null };
}
