import { CLAIM_ORIGINS, strengthOf, timeOf, type Claim, type ClaimStrength } from "#lib/domain/ownership/claim.ts";
import {
  directoryLookup,
  ownTeam,
  type DirectoryLookup,
  type DirectoryView,
  type FoundTeam,
} from "#lib/domain/ownership/directory-view.ts";

/**
 * What became of a claim: it won, says the same as the winner, disputes it at equal strength, lost to it, names no team,
 * or does not hold at the instant that is asked for.
 */
export type ClaimStanding = "won" | "agrees" | "disputes" | "lost" | "names-nobody" | "not-valid";

/** A claim with the team that it leads to. `teamThen` and `teamNow`: the team at the time of the claim, and at the instant asked for. */
export type ResolvedClaim = Claim & {
  teamKey: string | null;
  teamThen: string | null;
  teamNow: string | null;
  via: FoundTeam["via"];
  strength: ClaimStrength;
  standing: ClaimStanding;
  /** One sentence on why it won or lost. */
  reason: string;
};

export type OwnerConfidence = "high" | "medium" | "low";

export type OwnerResolution = {
  /** Null where nobody is named, or where one and the same origin names several teams. */
  teamKey: string | null;
  strength: ClaimStrength | "contested" | "none";
  confidence: OwnerConfidence | null;
  winner: ResolvedClaim | null;
  /** All of them, the best first. */
  claims: ResolvedClaim[];
  reasons: string[];
};

/**
 * Whose it is, by the claims about it. Pure: the order in which claims are given does not matter.
 *
 * 1. A claim counts where it holds at `at` and leads to a team of the directory: a team's key, name or alias, a person's mail, or a
 *    repository. A person stands for the team at the time of the claim; a leaver for the manager's team, and the claim says so.
 *    Where nobody has configured a directory, an explicit text is its own team.
 * 2. An override wins while it lasts, the newest one. Then explicit claims come before derived and weak ones, and in equal strength
 *    those that say who owns a thing before those that say who made it (CLAIM_ORIGINS). What is only said of what contains the thing
 *    comes last, and disputes nothing.
 * 3. Where the best claims name different teams the owner is contested: the better origin's team is kept with low confidence, and
 *    nobody's where one and the same origin names several.
 * 4. Confidence is high for explicit, medium for derived and low for weak claims. It is one step lower where the person has left or
 *    changed teams, and where a derived claim that says who owns the thing speaks against an explicit one.
 *
 * @param at ISO instant in UTC that the owner is asked for.
 */
export function resolveOwner(claims: readonly Claim[], directory: DirectoryView, at: string): OwnerResolution {
  return ownerResolver(directory)(claims, at);
}

/** `resolveOwner` for many things by the same directory, which is indexed once. */
export function ownerResolver(directory: DirectoryView): (claims: readonly Claim[], at: string) => OwnerResolution {
  const lookup = directoryLookup(directory);
  return (claims, at) => {
    const read = claims.map((claim) => readClaim(claim, lookup, at)).toSorted(compareClaims);
    return decide(read);
  };
}

/** A claim before it is compared with the others; `note` is what was noticed on the way to its team. */
type ReadClaim = { claim: Claim; found: FoundTeam; isValid: boolean; strength: ClaimStrength; rank: number };

function readClaim(claim: Claim, lookup: DirectoryLookup, at: string): ReadClaim {
  const strength = strengthOf(claim);
  return { claim, found: findTeam(claim, lookup, at), isValid: holdsAt(claim, at), strength, rank: rankOf(claim) };
}

function findTeam(claim: Claim, lookup: DirectoryLookup, at: string): FoundTeam {
  const { origin, names } = claim;
  if (lookup.isEmpty && names.kind === "team" && CLAIM_ORIGINS[origin].strength === "explicit")
    return ownTeam(names.value);
  const found = lookup.find(names, timeOf(claim), at);
  const isTechnicalName = origin === "namespace-name" || origin === "unit-name";
  return found.teamKey === null && isTechnicalName && names.kind === "team" ? lookup.findInName(names.value) : found;
}

function holdsAt({ from, to }: Claim, at: string): boolean {
  const time = Date.parse(at);
  return (from === null || Date.parse(from) <= time) && (to === null || time < Date.parse(to));
}

/** The rank of an override of the thing itself. One of what contains it, such as its account, is as weak as all that is inherited. */
const OVERRULES = 0;

/** The rank of what is said of the container: whose account it is says less of a thing in it than any hint on the thing itself. */
const INHERITED = 7;

/** Claims of one rank are equally strong. Overrides are above the rest, makers half a step below owners, and what is inherited last. */
function rankOf(claim: Claim): number {
  if (claim.inherited === true) return INHERITED;
  if (claim.origin === "override") return OVERRULES;
  const steps = { explicit: 1, derived: 3, weak: 5 }[strengthOf(claim)];
  return steps + (CLAIM_ORIGINS[claim.origin].speaksOf === "maker" ? 1 : 0);
}

/** The best first. Every field takes part, so that the order is total and nothing hangs on the order of the input. */
function compareClaims(left: ReadClaim, right: ReadClaim): number {
  return (
    left.rank - right.rank ||
    CLAIM_ORIGINS[left.claim.origin].order - CLAIM_ORIGINS[right.claim.origin].order ||
    Date.parse(timeOf(right.claim)) - Date.parse(timeOf(left.claim)) ||
    compareTexts(sortKey(left.claim), sortKey(right.claim))
  );
}

function sortKey({ names, detail, readAt, from, to, inherited }: Claim): string {
  return JSON.stringify([names.kind, names.value, detail, readAt, from, to, inherited ?? false]);
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function decide(read: readonly ReadClaim[]): OwnerResolution {
  const counting = read.filter(({ found, isValid }) => isValid && found.teamKey !== null);
  const [best] = counting;
  if (best === undefined) {
    const claims = read.map((claim) => resolved(claim, standingOf(claim, null, null), null));
    const reasons = [claims.length === 0 ? "Nothing says whose it is." : "No claim leads to a team."];
    return { teamKey: null, strength: "none", confidence: null, winner: null, claims, reasons };
  }

  const rivals = rivalsOf(best, counting);
  const sameOrigin = rivals.filter(({ claim }) => claim.origin === best.claim.origin);
  const winner = sameOrigin.length === 0 ? best : null;
  const claims = read.map((claim) => resolved(claim, standingOf(claim, best, winner), best));
  if (rivals.length > 0) {
    const teams = [...new Set([best, ...rivals].map(({ found }) => found.teamKey))].join(" and ");
    return {
      teamKey: winner?.found.teamKey ?? null,
      strength: "contested",
      confidence: winner === null ? null : "low",
      winner: winner === null ? null : (claims[read.indexOf(winner)] ?? null),
      claims,
      reasons: [`Claims of equal strength name ${teams}.`, ...(winner?.found.notes ?? [])],
    };
  }

  const doubts = [...best.found.notes, ...dissentAgainst(best, counting)];
  return {
    teamKey: best.found.teamKey,
    strength: best.strength,
    confidence: confidenceOf(best.strength, doubts.length > 0),
    winner: claims[read.indexOf(best)] ?? null,
    claims,
    reasons: [`${sentenceOf(best)}.`, ...doubts],
  };
}

/** The claims as strong as the best that name another team. Of several overrides only those of the same instant are as strong. */
function rivalsOf(best: ReadClaim, counting: readonly ReadClaim[]): ReadClaim[] {
  const others = counting.filter(({ rank, found }) => rank === best.rank && found.teamKey !== best.found.teamKey);
  if (best.rank !== OVERRULES) return others;
  return others.filter(({ claim }) => Date.parse(timeOf(claim)) === Date.parse(timeOf(best.claim)));
}

/** A label that is out of date is contradicted by what other systems know; people should look at it. */
function dissentAgainst(best: ReadClaim, counting: readonly ReadClaim[]): string[] {
  if (best.rank === OVERRULES || best.strength !== "explicit") return [];
  const against = counting.filter(
    ({ claim, strength, found }) =>
      strength === "derived" &&
      CLAIM_ORIGINS[claim.origin].speaksOf === "owner" &&
      found.teamKey !== best.found.teamKey,
  );
  return against.map((claim) => `${sentenceOf(claim)}, which speaks against it.`);
}

function confidenceOf(strength: ClaimStrength, isDoubtful: boolean): OwnerConfidence {
  if (strength === "explicit") return isDoubtful ? "medium" : "high";
  return strength === "derived" && !isDoubtful ? "medium" : "low";
}

function standingOf(read: ReadClaim, best: ReadClaim | null, winner: ReadClaim | null): ClaimStanding {
  if (!read.isValid) return "not-valid";
  if (read.found.teamKey === null) return "names-nobody";
  if (best === null) return "lost";
  if (read === winner) return "won";
  if (winner === null && read === best) return "disputes";
  if (read.found.teamKey === best.found.teamKey) return winner === null ? "disputes" : "agrees";
  return rivalsOf(best, [read]).length > 0 ? "disputes" : "lost";
}

function resolved(read: ReadClaim, standing: ClaimStanding, best: ReadClaim | null): ResolvedClaim {
  const { claim, found, strength } = read;
  return {
    ...claim,
    teamKey: found.teamKey,
    teamThen: found.teamThen,
    teamNow: found.teamNow,
    via: found.via,
    strength,
    standing,
    reason: reasonOf(read, standing, best),
  };
}

function reasonOf(read: ReadClaim, standing: ClaimStanding, best: ReadClaim | null): string {
  const { claim, found } = read;
  const notes = found.notes.map((note) => ` ${note}`).join("");
  switch (standing) {
    case "won":
      return `${sentenceOf(read)}, and no claim is stronger.${notes}`;
    case "agrees":
      return `${sentenceOf(read)} as well.${notes}`;
    case "disputes":
      return `${sentenceOf(read)}, and claims that are as strong name others.${notes}`;
    case "lost":
      return `${sentenceOf(read)}, but ${best === null ? "it is not the best" : strongerThan(best, read)}.${notes}`;
    case "names-nobody":
      return `${titleOf(claim)} leads to no team.${notes}`;
    case "not-valid":
      return `${titleOf(claim)} does not hold at this time.`;
  }
}

function strongerThan(best: ReadClaim, lost: ReadClaim): string {
  if (best.rank === OVERRULES) return lost.rank === OVERRULES ? "a newer override replaces it" : "it is overruled";
  if (lost.claim.inherited === true) return "what is said of the thing itself comes before what contains it";
  if (best.strength === lost.strength) return "who made it counts less than who owns it";
  return `${best.strength} claims come before ${lost.strength} ones`;
}

function sentenceOf({ claim, found }: ReadClaim): string {
  return `${titleOf(claim)} leads to ${found.teamKey ?? "nobody"}`;
}

function titleOf({ origin, detail, inherited }: Claim): string {
  const where = detail === "" ? "" : ` (${detail})`;
  return `${CLAIM_ORIGINS[origin].title}${where}${inherited === true ? ", of what contains it," : ""}`;
}
