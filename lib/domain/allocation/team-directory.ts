import type { DirectoryTeam } from "#lib/domain/allocation/rule.ts";
import { comparable } from "#lib/domain/tags.ts";

/** How names of teams are read in one period. */
export type TeamDirectory = {
  /** The key, in the directory's spelling, of the team that has this key; null where there is none. */
  byKey(key: string): string | null;
  /** The key of the team that has this key, name or alias; null where nobody has it, or several have. */
  resolve(text: string): string | null;
  /** Names that several teams share, so that they name nobody. Sorted. */
  ambiguousNames: string[];
};

/**
 * Indexes the teams of a period by what they are called, trimmed and without case. A key is stronger than a name and
 * a name stronger than an alias. What two teams claim equally is nobody's: a cost must not go to a team by luck.
 */
export function teamDirectory(teams: readonly DirectoryTeam[]): TeamDirectory {
  const exactKeys = new Set(teams.map((team) => team.teamKey));
  const keys = readNames(teams, (team) => [team.teamKey]);
  const names = readNames(teams, (team) => [team.teamName]);
  const aliases = readNames(teams, (team) => team.aliases);
  const known = new Map([...aliases, ...names, ...keys]);

  return {
    byKey: (key) => (exactKeys.has(key) ? key : (keys.get(comparable(key)) ?? null)),
    resolve: (text) => (exactKeys.has(text) ? text : (known.get(comparable(text)) ?? null)),
    ambiguousNames: [...known].flatMap(([name, team]) => (team === null ? [name] : [])).toSorted(),
  };
}

function readNames(
  teams: readonly DirectoryTeam[],
  namesOf: (team: DirectoryTeam) => readonly string[],
): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const team of teams) {
    for (const name of namesOf(team).map(comparable)) {
      if (name === "") continue;
      const holder = found.get(name);
      found.set(name, holder === undefined || holder === team.teamKey ? team.teamKey : null);
    }
  }
  return found;
}
