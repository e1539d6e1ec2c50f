import type { Day } from "#lib/domain/period.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import type { Team } from "#demo/estate/organisation.ts";
import type { Random } from "#demo/estate/random.ts";

/** Who a cost row really belongs to: what the generator knows and every report has to find. */
export type PlantedOwner = { kind: "team"; team: string } | { kind: "pool"; pool: string } | { kind: "nobody" };

/** The tags of a resource over a stretch of time; half-open, null = always. */
export type TagStretch = { from: Day | null; to: Day | null; tags: Record<string, string>; owner: PlantedOwner };

/** How many of a thousand resources carry what, by the kind of account. The rest is tagged as it should be. */
const HABITS = {
  ownAccount: { otherTeam: 15, messy: 70, placeholder: 25, untagged: 70 },
  sharedAccount: { otherTeam: 0, messy: 80, placeholder: 60, untagged: 240 },
} as const;
const PLACEHOLDERS = ["tbd", "n/a", "unknown", "to be defined"];
/** In a shared account so many of a thousand resources carry the tag of the technology team that runs them. */
const TAGGED_IN_POOLS_PER_MILLE = 60;
const CAPITAL_TAG_KEY_PER_MILLE = 550;

/** Decides how a resource is tagged over time, and by that whose it is. `teams` are those that may work in the account. */
export function tagStretchesOf(
  account: CloudAccount,
  teams: readonly Team[],
  allTeams: readonly Team[],
  calendar: Calendar,
  random: Random,
): TagStretch[] {
  const fallback: PlantedOwner =
    account.team !== null
      ? { kind: "team", team: account.team }
      : account.pool !== null
        ? { kind: "pool", pool: account.pool }
        : { kind: "nobody" };
  const always = (tags: Record<string, string>): TagStretch[] => [{ from: null, to: null, tags, owner: fallback }];
  const common = commonTags(account, random);

  if (account.pool !== null) {
    const runner = allTeams.find(
      (team) => team.key === (account.pool === "network" ? "network-services" : "cloud-platform"),
    );
    if (runner && account.organizationalUnit === "infrastructure" && random.perMille(TAGGED_IN_POOLS_PER_MILLE))
      return teamStretches(runner, common, "clean", calendar, random);
    return always({ ...common, shared: "true" });
  }
  if (teams.length === 0) return always(random.perMille(500) ? { CostCenter: "BC-7" } : {});

  const habits = account.team === null ? HABITS.sharedAccount : HABITS.ownAccount;
  const draw = random.below(1000);
  const team = draw < habits.otherTeam ? random.pick(allTeams) : random.pick(teams);
  const messyBelow = habits.otherTeam + habits.messy;
  if (draw < messyBelow)
    return teamStretches(team, common, draw < habits.otherTeam ? "clean" : "messy", calendar, random);
  if (draw < messyBelow + habits.placeholder) return always({ ...common, team: random.pick(PLACEHOLDERS) });
  if (draw < messyBelow + habits.placeholder + habits.untagged) return always(random.perMille(600) ? common : {});
  return teamStretches(team, common, "clean", calendar, random);
}

function commonTags(account: CloudAccount, random: Random): Record<string, string> {
  const spelling = random.pick(["environment", "environment", "environment", "Environment", "env", "stage"]);
  const values = account.environment === "prod" ? ["prod", "prod", "Prod", "production"] : [account.environment];
  return { [spelling]: random.pick(values), "cost-center": `CC-${account.name.length}${random.below(90) + 10}` };
}

/** Before the day of the renaming many resources carried "Team" and, where the team was renamed, its former name. */
function teamStretches(
  team: Team,
  common: Record<string, string>,
  style: "clean" | "messy",
  calendar: Calendar,
  random: Random,
): TagStretch[] {
  const owner: PlantedOwner = { kind: "team", team: team.key };
  const application = `${team.key}-${random.pick(["api", "batch", "web", "store", "events"])}`;
  const spell = style === "messy" ? messySpelling(random) : (value: string) => value;
  const name = style === "messy" && random.perMille(400) ? team.name : team.key;
  const laterKey = random.perMille(40) ? "owner-team" : "team";
  const earlierKey = random.perMille(CAPITAL_TAG_KEY_PER_MILLE) ? "Team" : laterKey;
  const later = { ...common, application, [laterKey]: spell(name) };
  const earlier = { ...common, application, [earlierKey]: spell(team.formerName ?? name) };
  if (earlierKey === laterKey && team.formerName === null) return [{ from: null, to: null, tags: later, owner }];
  return [
    { from: null, to: calendar.tagsRenamed, tags: earlier, owner },
    { from: calendar.tagsRenamed, to: null, tags: later, owner },
  ];
}

/** Case and blanks as people type them. */
function messySpelling(random: Random): (value: string) => string {
  return random.pick<(value: string) => string>([
    (value) => value.toUpperCase(),
    (value) => ` ${value}`,
    (value) => `${value}  `,
    (value) => value.slice(0, 1).toUpperCase() + value.slice(1),
    (value) => value.replaceAll("-", "_").replaceAll(" ", "_").toLowerCase(),
  ]);
}
