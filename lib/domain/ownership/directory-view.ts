import { teamDirectory, type TeamDirectory } from "#lib/domain/allocation/team-directory.ts";
import type { NamedOwner } from "#lib/domain/ownership/claim.ts";
import { comparable } from "#lib/domain/tags.ts";

/** A stretch of a person's time in the organisation. Bounds are days or instants in UTC, half-open; null = always. */
export type DirectoryPerson = {
  mail: string;
  /** "" or null where none. */
  teamKey: string | null;
  managerMail: string | null;
  activeFrom: string | null;
  activeTo: string | null;
};

/** What the organisation's directory says, as of the instant that is asked for; people with all of their stretches. */
export type DirectoryView = {
  teams: readonly { key: string; name: string; aliases: readonly string[]; businessUnitKey: string }[];
  people: readonly DirectoryPerson[];
  /** Repository → team (key, name, alias) or mail. A key may be a prefix: "git.example.com/claims" gives all below it. */
  repositories?: Readonly<Record<string, string>>;
};

/** The team that a name leads to, and how. `teamThen` and `teamNow` differ where a person has changed teams since the claim. */
export type FoundTeam = {
  teamKey: string | null;
  teamThen: string | null;
  teamNow: string | null;
  /** How it was found; "manager" where the person has left. Null where nothing was found. */
  via: "text" | "person" | "manager" | "repository" | null;
  /** Whole sentences about what was noticed on the way. */
  notes: string[];
};

export type DirectoryLookup = {
  /** True where nobody has configured a directory. */
  isEmpty: boolean;
  /** @param claimedAt and `at`: ISO instants of the claim, and that the owner is asked for. */
  find(named: NamedOwner, claimedAt: string, at: string): FoundTeam;
  /** The team that a part of a technical name ("claims-api-prod") calls by key, name or alias; the longest part counts. */
  findInName(name: string): FoundTeam;
};

/** Managers of managers that are asked before a leaver's claim is given up; it also ends a circle of managers. */
const MOST_MANAGERS = 10;

/** Parts of a technical name that are looked at; a Kubernetes name has 63 characters at most. */
const MOST_NAME_PARTS = 16;

/** Indexes a directory, so that many things can be looked up. */
export function directoryLookup(directory: DirectoryView): DirectoryLookup {
  const teams = teamDirectory(directory.teams.map(asDirectoryTeam));
  const people = Map.groupBy(directory.people, (person) => comparable(person.mail));
  const repositories = new Map(
    Object.entries(directory.repositories ?? {}).map(([repository, owner]) => [repositoryPath(repository), owner]),
  );
  const isEmpty = directory.teams.length === 0 && directory.people.length === 0;

  function teamAt(mail: string, instant: string): string | null {
    const person = people.get(comparable(mail))?.find((stretch) => isActive(stretch, instant));
    if (!person?.teamKey) return null;
    // A directory of people only names teams by the people who are in them.
    return directory.teams.length === 0 ? person.teamKey : teams.byKey(person.teamKey);
  }

  function findTeam(text: string): FoundTeam {
    const teamKey = teams.resolve(text);
    if (teamKey !== null) return { teamKey, teamThen: teamKey, teamNow: teamKey, via: "text", notes: [] };
    if (teams.ambiguousNames.includes(comparable(text))) return nobody(`Several teams are called "${text}".`);
    return nobody(`No team is called "${text}".`);
  }

  function findPerson(mail: string, claimedAt: string, at: string): FoundTeam {
    const stretches = people.get(comparable(mail));
    if (stretches === undefined) return nobody(`The directory does not know ${mail}.`);
    const then = teamAt(mail, claimedAt);
    const now = teamAt(mail, at);
    if (!stretches.some((stretch) => isActive(stretch, at))) return findManager(mail, stretches, then, at);
    // What somebody made while in another team was made for that team, as long as there is one.
    const teamKey = then ?? now;
    if (teamKey === null) return nobody(`${mail} belongs to no team.`);
    const moved = then !== null && now !== null && then !== now;
    return {
      teamKey,
      teamThen: then,
      teamNow: now,
      via: "person",
      notes: moved ? [`${mail} has moved from ${then} to ${now} since.`] : [],
    };
  }

  function findManager(
    mail: string,
    stretches: readonly DirectoryPerson[],
    then: string | null,
    at: string,
  ): FoundTeam {
    const left = `${mail} has left`;
    let last = latest(stretches);
    for (let step = 0; step < MOST_MANAGERS && last?.managerMail; step += 1) {
      const manager = last.managerMail;
      const now = teamAt(manager, at);
      if (now !== null)
        return {
          teamKey: now,
          teamThen: then,
          teamNow: now,
          via: "manager",
          notes: [`${left}; this is the team of the manager ${manager}.`],
        };
      last = latest(people.get(comparable(manager)) ?? []);
    }
    if (then === null) return nobody(`${left}, and no manager leads to a team.`);
    return {
      teamKey: then,
      teamThen: then,
      teamNow: null,
      via: "person",
      notes: [`${left}, and no manager leads to a team.`],
    };
  }

  function findRepository(repository: string, claimedAt: string, at: string): FoundTeam {
    const parts = repositoryPath(repository).split("/");
    for (let length = parts.length; length > 0; length -= 1) {
      const owner = repositories.get(parts.slice(0, length).join("/"));
      if (owner === undefined) continue;
      const found = owner.includes("@") ? findPerson(owner, claimedAt, at) : findOwnText(owner);
      return { ...found, via: found.teamKey === null ? null : "repository" };
    }
    return nobody(`The directory gives the repository ${repository} to nobody.`);
  }

  /** Where there is no directory, whoever assigned the repository has named the team. */
  function findOwnText(text: string): FoundTeam {
    return isEmpty ? ownTeam(text) : findTeam(text);
  }

  return {
    isEmpty,
    find(named, claimedAt, at) {
      if (comparable(named.value) === "") return nobody("It names nobody.");
      if (named.kind === "mail") return findPerson(named.value, claimedAt, at);
      return named.kind === "team" ? findTeam(named.value) : findRepository(named.value, claimedAt, at);
    },
    findInName: (name) => findTeamInName(name, teams),
  };
}

function findTeamInName(name: string, teams: TeamDirectory): FoundTeam {
  const parts = comparable(name)
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== "")
    .slice(0, MOST_NAME_PARTS);
  for (let length = parts.length; length > 0; length -= 1) {
    const runs = parts.slice(0, parts.length - length + 1).map((_, start) => parts.slice(start, start + length));
    const found = new Set(runs.flatMap((run) => teams.resolve(run.join("-")) ?? teams.resolve(run.join(" ")) ?? []));
    const [teamKey] = found;
    if (found.size > 1) return nobody(`"${name}" holds the names of several teams.`);
    if (teamKey !== undefined) return { teamKey, teamThen: teamKey, teamNow: teamKey, via: "text", notes: [] };
  }
  return nobody(`No part of "${name}" is the name of a team.`);
}

/** A text that is a team by itself, where nobody has configured a directory: its key is the text, trimmed and in lower case. */
export function ownTeam(text: string): FoundTeam {
  const key = comparable(text);
  return key === ""
    ? nobody("It names nobody.")
    : { teamKey: key, teamThen: key, teamNow: key, via: "text", notes: [] };
}

function nobody(note: string): FoundTeam {
  return { teamKey: null, teamThen: null, teamNow: null, via: null, notes: [note] };
}

function isActive(person: DirectoryPerson, instant: string): boolean {
  const time = Date.parse(instant);
  return (
    (person.activeFrom === null || Date.parse(person.activeFrom) <= time) &&
    (person.activeTo === null || time < Date.parse(person.activeTo))
  );
}

/** The stretch that ended last. */
function latest(stretches: readonly DirectoryPerson[]): DirectoryPerson | undefined {
  const endOf = ({ activeTo }: DirectoryPerson) =>
    activeTo === null ? Number.POSITIVE_INFINITY : Date.parse(activeTo);
  return stretches.toSorted((a, b) => (endOf(a) < endOf(b) ? 1 : -1))[0];
}

/** "git@git.example.com:claims/api.git" and "https://git.example.com/claims/api" alike: "git.example.com/claims/api". */
function repositoryPath(repository: string): string {
  return comparable(repository)
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):(?!\d+\/)/, "$1/")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

function asDirectoryTeam(team: DirectoryView["teams"][number]) {
  const { key, name, aliases, businessUnitKey } = team;
  return {
    teamKey: key,
    teamName: name,
    businessUnitKey,
    businessUnitName: businessUnitKey,
    costCentre: "",
    aliases: [...aliases],
  };
}
