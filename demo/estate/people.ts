import type { Day } from "#lib/domain/period.ts";
import type { Role } from "#lib/access/actor.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import { ORGANISATION, TECHNOLOGY_UNIT, type Team } from "#demo/estate/organisation.ts";
import { randomFor } from "#demo/estate/random.ts";

export type Person = {
  mail: string;
  name: string;
  team: string;
  /** Mail; "" for those without one. */
  manager: string;
  role: Exclude<Role, "system">;
  /** Half-open; null = always. */
  activeFrom: Day | null;
  activeTo: Day | null;
  isLead: boolean;
};

const FIRST_NAMES = [
  "Anneke",
  "Bastian",
  "Carla",
  "Dorian",
  "Edda",
  "Falk",
  "Greta",
  "Henrik",
  "Ilka",
  "Jonas",
  "Katja",
  "Leander",
  "Maren",
  "Nils",
  "Orla",
  "Piet",
  "Rieke",
  "Silvan",
  "Tilda",
  "Ulrik",
  "Vera",
  "Wiebke",
  "Yannick",
  "Zoe",
  "Arjen",
  "Birte",
];
const LAST_NAMES = [
  "Abendroth",
  "Brinkhaus",
  "Castellan",
  "Dahlmeier",
  "Elverdam",
  "Fennhoff",
  "Grotejan",
  "Hollenbek",
  "Isernwald",
  "Jessler",
  "Kornfeldt",
  "Lindqvist",
  "Marbach",
  "Nordahl",
  "Osterloh",
  "Pellworm",
  "Quastenberg",
  "Ruhland",
  "Stellwag",
  "Thomasius",
  "Uhlenbrock",
  "Vierhaus",
  "Wendelin",
];

/** Who signs in to see the demo with the eyes of a role. */
const ROLE_HOLDERS: readonly { name: string; team: string; role: Person["role"] }[] = [
  { name: "Mira Castellan", team: "cloud-platform", role: "admin" },
  { name: "Jan Fennhoff", team: "general-ledger", role: "finance" },
  { name: "Ada Nordahl", team: "regulatory-reporting", role: "auditor" },
  { name: "Tom Ruhland", team: "cloud-platform", role: "platform" },
  { name: "Lena Marbach", team: "motor-claims", role: "member" },
];

const MEMBERS_OF_A_TEAM = 3;
/** In the teams of the technology unit, which run more. */
const MEMBERS_OF_A_TECHNOLOGY_TEAM = 4;
/** In the team that the leaver left. */
export const LEAVER = { name: "Otto Brinkhaus", team: "reinsurance" } as const;

/** About 130 people: a lead and members of each team, one person of each role, and somebody who left. */
export function peopleOf(seed: string, teams: readonly Team[], calendar: Calendar): Person[] {
  const people: Person[] = [];
  const taken = new Set<string>();
  const add = (
    name: string,
    rest: Omit<Person, "mail" | "name" | "activeFrom" | "activeTo">,
    active: Partial<Person> = {},
  ) => {
    taken.add(name);
    people.push({ mail: mailOf(name), name, activeFrom: null, activeTo: null, ...rest, ...active });
  };
  for (const { name, team, role } of ROLE_HOLDERS) add(name, { team, role, manager: "", isLead: false });
  for (const team of teams) {
    const random = randomFor(seed, "people", team.key);
    const fresh = () => {
      // 26 × 23 names for 130 people: a free one is found within a few draws.
      for (let draw = 0; draw < 1_000; draw += 1) {
        const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
        if (!taken.has(name)) return name;
      }
      throw new RangeError("There are no names left.");
    };
    const lead = fresh();
    add(lead, { team: team.key, role: "member", manager: "", isLead: true });
    const already = people.filter((person) => person.team === team.key).length;
    const size = team.stretches[0]?.businessUnit === TECHNOLOGY_UNIT ? MEMBERS_OF_A_TECHNOLOGY_TEAM : MEMBERS_OF_A_TEAM;
    for (let count = already; count < size; count += 1)
      add(fresh(), { team: team.key, role: "member", manager: mailOf(lead), isLead: false });
    if (team.key === LEAVER.team)
      add(
        LEAVER.name,
        { team: team.key, role: "member", manager: mailOf(lead), isLead: false },
        { activeTo: calendar.personLeaves },
      );
  }
  return people.map((person) => ({ ...person, manager: person.manager || managerOf(person, people) }));
}

/** A lead answers to the lead of the business unit's first team; whoever holds a role to the lead of the own team. */
function managerOf(person: Person, people: readonly Person[]): string {
  if (person.isLead) return "";
  return people.find((other) => other.team === person.team && other.isLead)?.mail ?? "";
}

export function mailOf(name: string): string {
  return `${name.toLowerCase().replaceAll(" ", ".")}@${ORGANISATION.mailDomain}`;
}

/** The lead's mail; "" where a team has none. */
export function leadOf(team: string, people: readonly Person[]): string {
  return people.find((person) => person.team === team && person.isLead)?.mail ?? "";
}
