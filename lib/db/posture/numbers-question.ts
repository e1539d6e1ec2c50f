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

/** Places of the cells of a block among which those are that a question is about: of its parts, where it names some. */
export function askedPlaces(block: NumberBlock, { parts }: NumbersQuestion): readonly number[] {
  if (parts === null) return [...block.cells.keys()];
  const named = new Set(parts.map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  return [...named].flatMap((partKey) => cellsOf(block, "partKey", partKey));
}
