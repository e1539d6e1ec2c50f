import { cellsOf } from "#lib/db/posture/block-index.ts";
import type { NumberBlock } from "#lib/db/posture/load-blocks.ts";
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

/** Which key the numbers of each cell of a block are added to. */
export type KeySlots = {
  /** By the cell's place: the place of its key in `keys`, -1 where it is not asked for. */
  slots: Int32Array;
  keys: readonly string[];
};

const KEY_OF: Readonly<Record<NumbersBy, (cell: PostureCell) => string>> = {
  team: ({ teamKey }) => teamKey,
  account: ({ accountId }) => accountId,
  cluster: ({ clusterKey }) => clusterKey,
};

// Blocks do not change, and most questions are about everything.
const unfiltered = new WeakMap<NumberBlock, Map<NumbersBy | null, KeySlots>>();

/** The keys of a block's cells under the question, whatever its parts are. */
export function keySlots(block: NumberBlock, question: NumbersQuestion): KeySlots {
  const { by, teams, accounts, clusters, environments } = question;
  if (teams ?? accounts ?? clusters ?? environments)
    return slotsOf(block, by, askedCells({ ...question, parts: null }));
  let known = unfiltered.get(block);
  if (!known) unfiltered.set(block, (known = new Map()));
  let slots = known.get(by);
  if (!slots) known.set(by, (slots = slotsOf(block, by, () => true)));
  return slots;
}

function slotsOf({ cells }: NumberBlock, by: NumbersBy | null, isAsked: (cell: PostureCell) => boolean): KeySlots {
  const places = new Map<string, number>();
  const slots = new Int32Array(cells.length).fill(-1);
  for (const [place, cell] of cells.entries()) {
    if (!isAsked(cell)) continue;
    const key = by === null ? "" : KEY_OF[by](cell);
    const slot = places.get(key) ?? places.size;
    places.set(key, slot);
    slots[place] = slot;
  }
  return { slots, keys: [...places.keys()] };
}

/** Places of the cells of a block among which those are that a question is about: of its parts, where it names some. */
export function askedPlaces(block: NumberBlock, { parts }: NumbersQuestion): Iterable<number> {
  if (parts === null) return block.cells.keys();
  const named = new Set(parts.map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  return [...named].flatMap((partKey) => cellsOf(block, "partKey", partKey));
}
