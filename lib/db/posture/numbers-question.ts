import { cellsOf } from "#lib/db/posture/sheet-index.ts";
import type { NumberSheet } from "#lib/db/posture/number-sheet.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";

/** What numbers are counted by. */
export type NumbersBy = "team" | "account" | "cluster";

export type NumbersQuestion = {
  ruleIds: readonly number[];
  /** Null = one number for each rule. */
  by: NumbersBy | null;
  teams: readonly string[] | null;
  accounts: readonly string[] | null;
  clusters: readonly string[] | null;
  environments: readonly string[] | null;
  /** Only these parts; null = all. */
  parts: readonly { sourceKey: string; part: string }[] | null;
};

export type Grain = "full" | "team" | "account" | "cluster" | "total";

/** The coarsest grain that answers the question. */
export function grainOf({ by, teams, accounts, clusters, parts }: NumbersQuestion): Grain {
  if (parts !== null) return "full";
  const used = new Set<NumbersBy>(by === null ? [] : [by]);
  if (teams !== null) used.add("team");
  if (accounts !== null) used.add("account");
  if (clusters !== null) used.add("cluster");
  return used.size > 1 ? "full" : ([...used][0] ?? "total");
}

/** Whether a cell of the question's rules is among those that it is about. */
export function askedCells(question: NumbersQuestion): (cell: PostureCell) => boolean {
  const asked = (list: readonly string[] | null) => (list === null ? null : new Set(list));
  const teams = asked(question.teams);
  const accounts = asked(question.accounts);
  const clusters = asked(question.clusters);
  const environments = asked(question.environments);
  const parts = asked(question.parts?.map(({ sourceKey, part }) => `${sourceKey} ${part}`) ?? null);
  return (cell) =>
    (!teams || teams.has(cell.teamKey)) &&
    (!accounts || accounts.has(cell.accountId)) &&
    (!clusters || clusters.has(cell.clusterKey)) &&
    (!environments || environments.has(cell.environment)) &&
    (!parts || parts.has(cell.partKey));
}

/** Keys that this process has met, each with its place: numbers are added up in lists by place, and named once at the end. */
export type KeyPlaces = { names: string[]; places: Map<string, number> };

const met = new Map<NumbersBy | null, KeyPlaces>();

/** The keys of what numbers are counted by. There are as many as teams, accounts or clusters, and the list only grows. */
export function keyPlaces(by: NumbersBy | null): KeyPlaces {
  let keys = met.get(by);
  if (!keys) met.set(by, (keys = { names: [], places: new Map<string, number>() }));
  return keys;
}

export function placeOf({ names, places }: KeyPlaces, key: string): number {
  const known = places.get(key);
  if (known !== undefined) return known;
  places.set(key, names.length);
  return names.push(key) - 1;
}

const KEY_OF: Readonly<Record<NumbersBy, (cell: PostureCell) => string>> = {
  team: ({ teamKey }) => teamKey,
  account: ({ accountId }) => accountId,
  cluster: ({ clusterKey }) => clusterKey,
};

// Sheets do not change, and most questions are about everything.
const unfiltered = new WeakMap<NumberSheet, Map<NumbersBy | null, Int32Array>>();

/** By the place of a sheet's cell: the place of its key, -1 where it is not asked for; whatever the question's parts are. */
export function keySlots(sheet: NumberSheet, question: NumbersQuestion): Int32Array {
  const { by, teams, accounts, clusters, environments } = question;
  if (teams ?? accounts ?? clusters ?? environments)
    return slotsOf(sheet, by, askedCells({ ...question, parts: null }));
  let known = unfiltered.get(sheet);
  if (!known) unfiltered.set(sheet, (known = new Map<NumbersBy | null, Int32Array>()));
  let slots = known.get(by);
  if (!slots) known.set(by, (slots = slotsOf(sheet, by, () => true)));
  return slots;
}

function slotsOf({ cells }: NumberSheet, by: NumbersBy | null, isAsked: (cell: PostureCell) => boolean): Int32Array {
  const keys = keyPlaces(by);
  return Int32Array.from(cells, (cell) => (isAsked(cell) ? placeOf(keys, by === null ? "" : KEY_OF[by](cell)) : -1));
}

/** For each sheet the places of the cells among which those are that a question is about: of its parts, where it names some. */
export function askedPlaces({ parts }: NumbersQuestion): (sheet: NumberSheet) => Iterable<number> {
  if (parts === null) return ({ cells }) => cells.keys();
  const named = [...new Set(parts.map(({ sourceKey, part }) => `${sourceKey} ${part}`))];
  return (sheet) => named.flatMap((partKey) => cellsOf(sheet, "partKey", partKey));
}
