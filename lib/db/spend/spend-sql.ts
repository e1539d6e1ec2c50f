import type { ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import type { CostBasis, Amount } from "#lib/domain/money.ts";
import { isWholeMonths, type DayRange } from "#lib/domain/period.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

/** One slice in one of its currencies, and by what its amounts are multiplied to be shown; null = as billed. */
export type ScopeRow = { slice: ScopedSlice; currency: string; shownIn: string; factor: Amount | null };

/** What is asked of the roll-ups. Filters are ANDed, their values ORed; no kinds = all kinds. */
export type SpendQuestion = {
  scope: readonly ScopeRow[];
  range: DayRange;
  basis: CostBasis;
  filters: readonly { dimension: SpendDimension; values: readonly string[] }[];
  kinds: readonly CostKind[];
};

/** What the answer is grouped by, besides the currency. */
export type SpendGrouping = { dimension?: SpendDimension; kind?: boolean; bucket?: "day" | "month" };

const OWNER_COLUMNS: Partial<Record<SpendDimension, string>> = {
  businessUnit: "o.business_unit_key",
  team: "o.team_key",
  costCentre: "o.cost_centre",
};

const KEY_COLUMNS: Partial<Record<SpendDimension, string>> = {
  provider: "k.provider",
  billingAccount: "k.billing_account_id",
  subAccount: "k.sub_account_id",
  serviceCategory: "k.service_category",
  service: "k.service_name",
  region: "k.region_id",
  environment: "k.environment",
  chargeCategory: "k.charge_category",
};

const ACCOUNT_GRAIN: readonly string[] = [
  "businessUnit",
  "team",
  "costCentre",
  "provider",
  "billingAccount",
  "subAccount",
];
const SERVICE_GRAIN: readonly string[] = ["provider", "serviceCategory", "service", "chargeCategory"];

/**
 * True where pools have to be split to answer: where owners are asked for. What is in a pool then comes by slice, currency and pool,
 * whatever owners are filtered on; splitting it is for the reader.
 */
export function needsSplit(question: SpendQuestion, grouping: SpendGrouping): boolean {
  return (
    (grouping.dimension !== undefined && isOwnerDimension(grouping.dimension)) ||
    question.filters.some((filter) => isOwnerDimension(filter.dimension))
  );
}

export function isOwnerDimension(dimension: SpendDimension): boolean {
  return dimension in OWNER_COLUMNS;
}

const KIND_SQL = `CASE WHEN c.pool_id > 0 THEN 'shared' WHEN c.owner_id > 0 THEN 'direct' ELSE 'unallocated' END`;

/** Collects the parameters of a statement in order. */
export class SqlParameters {
  readonly values: unknown[] = [];
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

export type SpendSql = {
  select: string[];
  from: string;
  where: string;
  /** A row's amount of the question's basis. */
  amount: string;
  /** True where many rows fall into one group, so that whoever groups several times does well to sum them once before. */
  isFine: boolean;
  parameters: SqlParameters;
};

/**
 * The smallest relation that can answer, joined and filtered. Columns of `select`: shown_in, then "grp", "kind", "pool_slice",
 * "pool_currency", "pool_id" and "bucket" as the grouping asks. The roll-ups are only read for the slices of the scope, so that a month costs the same however long the history is.
 */
export function spendSql(
  question: SpendQuestion,
  grouping: SpendGrouping,
  parameters: SqlParameters = new SqlParameters(),
): SpendSql {
  const dimensions = dimensionsOf(question, grouping);
  const needsOwner = dimensions.some((dimension) => dimension in OWNER_COLUMNS);
  const needsKind = grouping.kind === true || question.kinds.length > 0;
  const relation = chooseRelation(question, grouping);
  const isMultiCurrency = question.scope.some((row) => Object.keys(row.slice.totals).length > 1);
  const isPartial = question.scope.some((row) => row.slice.countedAccounts !== null);
  const needsKey = isMultiCurrency || isPartial || dimensions.some((dimension) => !(dimension in OWNER_COLUMNS));
  const ids = parameters.add(question.scope.map((row) => row.slice.sliceId));
  const relationSql = (): string => {
    if (relation === "as-of") return asOfRelation(question.scope, parameters);
    if (needsKey) return relation;
    return summedRelation(
      question,
      { relation, ids: `${ids}::int[]`, needsOwner: needsOwner || needsKind, needsDay: grouping.bucket === "day" },
      parameters,
    );
  };

  const from = [
    `unnest(${ids}::int[], ${parameters.add(question.scope.map((row) => row.currency))}::text[],
      ${parameters.add(question.scope.map((row) => row.shownIn))}::text[], ${parameters.add(question.scope.map((row) => row.factor ?? "1"))}::numeric[],
      ${parameters.add(question.scope.map((row) => `${row.slice.period}-01`))}::date[]${isPartial ? `,\n      ${parameters.add(question.scope.map((row) => countedText(row.slice)))}::text[]` : ""}
     ) AS s (slice_id, currency, shown_in, factor, month${isPartial ? ", counted" : ""})`,
    `JOIN ${relationSql()} c ON c.slice_id = s.slice_id`,
    needsKey ? `JOIN charge_key k ON k.id = c.key_id AND k.currency = s.currency${grainCondition(relation)}` : "",
    grouping.dimension && isOwnerDimension(grouping.dimension) ? "JOIN owner o ON o.id = c.owner_id" : "",
  ];
  const where = conditions(question, relation, parameters);
  if (isPartial) where.push(IS_COUNTED_SQL);
  if (needsKey || relation === "as-of") where.push(...dayConditions(question, parameters));
  // Said twice, because the planner looks into an array that stands beside a column, but not into one that is joined.
  if (relation !== "as-of") where.push(`c.slice_id = ANY(${ids}::int[])`);
  const select = ["s.shown_in"];
  if (grouping.dimension) select.push(`${dimensionSql(grouping.dimension, parameters)} AS grp`);
  if (grouping.kind) select.push(`${KIND_SQL} AS kind`);
  if (needsSplit(question, grouping))
    select.push(
      "CASE WHEN c.pool_id > 0 THEN s.slice_id END AS pool_slice",
      "CASE WHEN c.pool_id > 0 THEN s.currency END AS pool_currency",
      "c.pool_id",
    );
  if (grouping.bucket) select.push(`${grouping.bucket === "day" ? "c.day" : "s.month"} AS bucket`);
  const isConverted = question.scope.some((row) => row.factor !== null);
  return {
    select,
    from: from.filter(Boolean).join("\n"),
    where: where.length > 0 ? where.join(" AND ") : "true",
    amount: `c.${question.basis}${isConverted ? " * s.factor" : ""}`,
    isFine: isFine(question, relation, grouping),
    parameters,
  };
}

function isFine(question: SpendQuestion, relation: SpendRelation, grouping: SpendGrouping): boolean {
  if (relation === "cost_day_account" || relation === "cost_day_service") return false;
  return !(relation === "cost_day" && grouping.dimension === "service" && isOfOneAccount(question));
}

function isOfOneAccount({ filters }: SpendQuestion): boolean {
  return filters.some(({ dimension, values }) => dimension === "subAccount" && values.length === 1);
}

/** The account that a cost is counted in, of charge_key `k`: its own, or where it has none its billing account. */
const ACCOUNT_SQL = "k.provider || ' ' || coalesce(nullif(k.sub_account_id, ''), k.billing_account_id)";

/** True where the key's account counts in its slice, by `s.counted` as `countedText` makes it. */
export const IS_COUNTED_SQL = `(s.counted IS NULL OR ${ACCOUNT_SQL} = ANY(string_to_array(s.counted, E'\\n')))`;

/** The accounts of a slice that count, as one text for a parameter; null = all. */
export function countedText({ countedAccounts }: Pick<ScopedSlice, "countedAccounts">): string | null {
  return countedAccounts === null ? null : countedAccounts.join("\n");
}

/** What the relation has to know. Where some accounts of a slice count elsewhere, that is the account as well. */
function dimensionsOf(question: SpendQuestion, grouping: SpendGrouping): SpendDimension[] {
  return [
    ...question.filters.map((filter) => filter.dimension),
    ...(grouping.dimension ? [grouping.dimension] : []),
    ...(question.scope.some((row) => row.slice.countedAccounts !== null) ? (["subAccount"] as const) : []),
  ];
}

/** True where one pass grouped by both reads no more than the passes for each: they would read the same relation. */
export function isOnePass(question: SpendQuestion, both: SpendGrouping, finer: SpendGrouping): boolean {
  return chooseRelation(question, both) === chooseRelation(question, finer);
}

/** True where one pass grouped by all is worth it: a coarse relation answers it, or full keys are read but those of an account are few. */
export function isSmallPass(question: SpendQuestion, all: SpendGrouping): boolean {
  return (
    chooseRelation(question, all) !== "cost_day" || question.filters.some(({ dimension }) => dimension === "subAccount")
  );
}

type SpendRelation = "cost_month" | "cost_day_account" | "cost_day_service" | "cost_day" | "as-of";

function chooseRelation(question: SpendQuestion, grouping: SpendGrouping): SpendRelation {
  const dimensions = dimensionsOf(question, grouping);
  const needsOwner =
    grouping.kind === true || question.kinds.length > 0 || dimensions.some((dimension) => dimension in OWNER_COLUMNS);
  if (question.scope.some((row) => !row.slice.isCurrent)) return "as-of";
  if (grouping.bucket !== "day" && isWholeMonths(question.range)) return "cost_month";
  if (dimensions.every((dimension) => ACCOUNT_GRAIN.includes(dimension))) return "cost_day_account";
  if (!needsOwner && dimensions.every((dimension) => SERVICE_GRAIN.includes(dimension))) return "cost_day_service";
  return "cost_day";
}

// A row counts at publication P where it came with P or before and left after P. What has left stands in arrays, one element a row;
// effective, list and contracted are null there where they equal billed. OFFSET 0 has the planner build the old version once and join it
// like a table: without it, it may well unpack the history anew for each key.
function asOfRelation(scope: readonly ScopeRow[], parameters: SqlParameters): string {
  const versions = new Map(scope.map((row) => [row.slice.sliceId, row.slice.publicationId]));
  const asked = `unnest(${parameters.add([...versions.keys()])}::int[], ${parameters.add([...versions.values()])}::int[]) AS v (slice_id, publication_id)`;
  return `(
      SELECT d.slice_id, d.key_id, d.day, d.owner_id, d.pool_id, d.billed, d.effective, d.list, d.contracted, d.line_items
      FROM ${asked} JOIN cost_day d ON d.slice_id = v.slice_id AND d.from_publication <= v.publication_id
      UNION ALL
      SELECT v.slice_id, u.key_id, u.day, u.owner_id, u.pool_id, u.billed, coalesce(u.effective, u.billed), coalesce(u.list, u.billed),
             coalesce(u.contracted, u.billed), u.line_items
      FROM ${asked} JOIN cost_day_history h ON h.slice_id = v.slice_id AND h.to_publication > v.publication_id,
        unnest(h.from_publications, h.key_ids, h.days, h.owner_ids, h.pool_ids, h.billed, h.effective, h.list, h.contracted, h.line_items)
          AS u (from_publication, key_id, day, owner_id, pool_id, billed, effective, list, contracted, line_items)
      WHERE u.from_publication <= v.publication_id
      OFFSET 0
    )`;
}

// Where no key is asked for, rows are summed by owner, a number, before a name is looked at: thousands of rows a slice become hundreds.
function summedRelation(
  question: SpendQuestion,
  summed: { relation: SpendRelation; ids: string; needsOwner: boolean; needsDay: boolean },
  parameters: SqlParameters,
): string {
  const columns = [
    "c.slice_id",
    ...(summed.needsOwner ? ["c.owner_id", "c.pool_id"] : []),
    ...(summed.needsDay ? ["c.day"] : []),
  ].join(", ");
  const owners = question.filters.map(({ dimension, values }) =>
    ownerCondition(`${dimensionSql(dimension, parameters)} = ANY(${parameters.add(values)}::text[])`),
  );
  const where = [`c.slice_id = ANY(${summed.ids})`, ...dayConditions(question, parameters), ...owners].join(" AND ");
  return `(SELECT ${columns}, sum(c.${question.basis}) AS ${question.basis} FROM ${summed.relation} c WHERE ${where} GROUP BY ${columns})`;
}

/** Coarse keys are few beside the full ones: with their grain named, the planner reads only them. */
function grainCondition(relation: SpendRelation): string {
  if (relation === "cost_day_account") return " AND k.grain = 'account'";
  return relation === "cost_day_service" ? " AND k.grain = 'service'" : "";
}

/** Looked up as ids, so that rows of other owners are left where they are read; a pool's rows may be anybody's. */
function ownerCondition(matches: string): string {
  return `(c.pool_id > 0 OR c.owner_id IN (SELECT o.id FROM owner o WHERE ${matches}))`;
}

function dayConditions({ range }: SpendQuestion, parameters: SqlParameters): string[] {
  return isWholeMonths(range) ? [] : [`c.day >= ${parameters.add(range.from)} AND c.day < ${parameters.add(range.to)}`];
}

function conditions(question: SpendQuestion, relation: SpendRelation, parameters: SqlParameters): string[] {
  const where: string[] = [];
  for (const { dimension, values } of question.filters) {
    const matches = `${dimensionSql(dimension, parameters)} = ANY(${parameters.add(values)}::text[])`;
    const condition = isOwnerDimension(dimension) ? ownerCondition(matches) : matches;
    where.push(condition);
    // cost_day is ordered by key: the month says which keys an owner has, so that not all of the slice is read.
    if (relation === "cost_day" && dimension in OWNER_COLUMNS)
      where.push(`EXISTS (SELECT FROM cost_month m JOIN owner o ON o.id = m.owner_id
        WHERE m.slice_id = c.slice_id AND m.key_id = c.key_id AND (${matches} OR m.pool_id > 0))`);
  }
  if (question.kinds.length > 0) where.push(`${KIND_SQL} = ANY(${parameters.add(question.kinds)}::text[])`);
  return where;
}

function dimensionSql(dimension: SpendDimension, parameters: SqlParameters): string {
  const column = OWNER_COLUMNS[dimension] ?? KEY_COLUMNS[dimension];
  if (column) return column;
  return `coalesce(k.tags ->> ${parameters.add(dimension.slice("tag:".length))}::text, '')`;
}
