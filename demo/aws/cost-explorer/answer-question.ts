import type { DimensionValuesWithAttributes, Group, MetricValue, ResultByTime } from "@aws-sdk/client-cost-explorer";
import { type Day, type DayRange, eachDay, periodOf } from "#lib/domain/period.ts";
import { amountText, ONE_UNIT } from "#demo/estate/line.ts";
import type { CostCube, DayCosts } from "#demo/aws/cost-explorer/cost-cube.ts";
import type { CostQuestion } from "#demo/aws/cost-explorer/question.ts";

/** Where a page starts: a stretch of the question, and how many of its groups the pages before had. */
export type CostPlace = { stretch: number; group: number };

export type CostPage = {
  results: ResultByTime[];
  attributes: DimensionValuesWithAttributes[];
  next: CostPlace | null;
};

export type CostView = {
  cube: CostCube;
  version: 1 | 2;
  today: Day;
  /** Groups on a page. */
  pageSize: number;
  /** The only account that the caller sees; null = all. */
  onlyAccount: string | null;
  /** Added to every cost of an ungrouped total, in 10^-10 USD. */
  error: bigint;
};

/** 10^-4, which quantities are counted in, in 10^-10. */
const TENTHS_OF_QUANTITY = 1_000_000n;
/** What a test's wrong total is wrong by: one cent. */
export const ONE_CENT = BigInt(ONE_UNIT) / 100n;

/** One page of an answer. Only the stretches that the page shows are added up. A day's groups may go on on the next page. */
export function answerQuestion(question: CostQuestion, place: CostPlace, view: CostView): CostPage {
  const isGrouped = question.keysOf.length > 0;
  const grouping = createGrouping(question, view);
  const results: ResultByTime[] = [];
  let room = view.pageSize;
  let next: CostPlace | null = null;
  for (let index = place.stretch; index < question.stretches.length; index += 1) {
    const stretch = question.stretches[index];
    if (!stretch) break;
    if (room <= 0) {
      next = { stretch: index, group: 0 };
      break;
    }
    const skipped = index === place.stretch ? place.group : 0;
    const all = sumStretch(question, stretch, grouping, view);
    const shown = all.slice(skipped, skipped + room);
    results.push({
      TimePeriod: { Start: stretch.from, End: stretch.to },
      Total: isGrouped ? {} : metricsOf(question, all[0]?.sums ?? [], view.error),
      Groups: isGrouped
        ? shown.map(({ keys, sums }): Group => ({ Keys: keys, Metrics: metricsOf(question, sums, 0n) }))
        : [],
      Estimated: periodOf(stretch.from) >= periodOf(view.today),
    });
    // A stretch without groups takes room too, so that a page ends.
    room -= Math.max(1, shown.length);
    if (skipped + shown.length < all.length) {
      next = { stretch: index, group: skipped + shown.length };
      break;
    }
  }
  return { results, attributes: attributesOf(question, results, view.cube), next };
}

type Grouping = { keys: string[][]; groupOf(facet: number): number };
type GroupSum = { keys: string[]; sums: bigint[] };

const LEFT_OUT = -1;

/** Numbers the groups as their facets are met, so that only the months that a page shows are made. */
function createGrouping(question: CostQuestion, view: CostView): Grouping {
  const numbers = new Map<string, number>();
  const keys: string[][] = [];
  const known: number[] = [];
  const find = (index: number): number => {
    const facet = view.cube.facets[index];
    if (!facet || (view.onlyAccount !== null && facet.accountId !== view.onlyAccount) || !question.keeps(facet))
      return LEFT_OUT;
    const values = question.keysOf.map((keyOf) => keyOf(facet));
    const key = values.join("\n");
    const number = numbers.get(key) ?? keys.push(values) - 1;
    numbers.set(key, number);
    return number;
  };
  return { keys, groupOf: (facet) => (known[facet] ??= find(facet)) };
}

/** The groups that have anything in the stretch, sorted by their keys. */
function sumStretch(
  question: CostQuestion,
  stretch: DayRange,
  { keys, groupOf }: Grouping,
  view: CostView,
): GroupSum[] {
  const sums = new Map<number, bigint[]>();
  for (const day of eachDay(stretch)) {
    const costs = view.cube.costsOf(day, view.version);
    if (costs) addDay(question, costs, groupOf, sums);
  }
  return [...sums]
    .map(([group, amounts]) => ({ keys: keys[group] ?? [], sums: amounts }))
    .toSorted((left, right) => compareKeys(left.keys, right.keys));
}

function addDay(
  question: CostQuestion,
  costs: DayCosts,
  groupOf: Grouping["groupOf"],
  sums: Map<number, bigint[]>,
): void {
  for (const [row, facet] of costs.facets.entries()) {
    const group = groupOf(facet);
    if (group === LEFT_OUT) continue;
    const amounts = sums.get(group) ?? question.metrics.map(() => 0n);
    sums.set(group, amounts);
    for (const [index, { column }] of question.metrics.entries())
      if (column !== null) amounts[index] = (amounts[index] ?? 0n) + BigInt(costs[column][row] ?? 0);
  }
}

function metricsOf(question: CostQuestion, sums: readonly bigint[], error: bigint): Record<string, MetricValue> {
  return Object.fromEntries(
    question.metrics.map(({ name, unit }, index) => {
      const sum = sums[index] ?? 0n;
      return [name, { Amount: amountText(unit === "USD" ? sum + error : sum * TENTHS_OF_QUANTITY), Unit: unit }];
    }),
  );
}

/** The names of the accounts on the page, where it is grouped by account. */
function attributesOf(
  question: CostQuestion,
  results: readonly ResultByTime[],
  cube: CostCube,
): DimensionValuesWithAttributes[] {
  const position = question.groupBy.findIndex(({ Key }) => Key === "LINKED_ACCOUNT");
  if (position < 0) return [];
  const names = new Map(cube.facets.map(({ accountId, accountName }) => [accountId, accountName]));
  const shown = new Set(results.flatMap(({ Groups = [] }) => Groups.map(({ Keys = [] }) => Keys[position] ?? "")));
  return [...shown].toSorted().map((Value) => ({ Value, Attributes: { description: names.get(Value) ?? "" } }));
}

function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (const [index, key] of left.entries()) {
    const other = right[index] ?? "";
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}
