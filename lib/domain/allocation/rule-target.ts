import type { AllocationRule, Assignment, ChargeDimensions } from "#lib/domain/allocation/rule.ts";
import type { TeamDirectory } from "#lib/domain/allocation/team-directory.ts";
import { comparable, normaliseTagKey, tagValue } from "#lib/domain/tags.ts";

/** Where a cost goes and the rule that says so; null where none does. */
export type Verdict = { assignment: Assignment; ruleId: string | null };

/** A target against the directory of the period. */
export type CompiledTarget = { unknownTeams: string[] } & (
  | { kind: "fixed"; verdict: Verdict }
  | { kind: "nobody" }
  | { kind: "tag-value"; keys: string[]; resolve: (value: string) => Verdict | null }
);

/** Reads the target of a rule against the directory of the period. */
export function compileTarget({ ruleId, target }: AllocationRule, directory: TeamDirectory): CompiledTarget {
  const toTeam = (teamKey: string): Verdict => ({ assignment: { kind: "team", teamKey }, ruleId });
  if (target.kind === "pool")
    return { kind: "fixed", verdict: { assignment: { kind: "pool", poolKey: target.pool }, ruleId }, unknownTeams: [] };
  if (target.kind === "team") {
    const teamKey = directory.byKey(target.team);
    return teamKey === null
      ? { kind: "nobody", unknownTeams: [target.team] }
      : { kind: "fixed", verdict: toTeam(teamKey), unknownTeams: [] };
  }

  // The rule's own aliases come before the directory: they are the more particular statement.
  const aliases = new Map(
    Object.entries(target.aliases ?? {}).map(([value, team]) => [comparable(value), directory.resolve(team)]),
  );
  const verdicts = new Map<string, Verdict>();
  const resolve = (value: string): Verdict | null => {
    const alias = aliases.get(comparable(value));
    const teamKey = alias === undefined ? directory.resolve(value) : alias;
    if (teamKey === null) return null;
    const verdict = verdicts.get(teamKey) ?? toTeam(teamKey);
    verdicts.set(teamKey, verdict);
    return verdict;
  };
  const unknownTeams = Object.values(target.aliases ?? {}).filter((team) => directory.resolve(team) === null);
  return {
    kind: "tag-value",
    keys: target.keys.map(normaliseTagKey),
    resolve,
    unknownTeams: [...new Set(unknownTeams)],
  };
}

/** Where a target sends a cost whose conditions hold; null where it names no team. */
export function verdictOf(target: CompiledTarget | undefined, { tags }: ChargeDimensions): Verdict | null {
  if (target?.kind === "fixed") return target.verdict;
  if (target?.kind !== "tag-value") return null;
  for (const key of target.keys) {
    const value = tagValue(tags, key);
    if (value !== null) return target.resolve(value);
  }
  return null;
}
