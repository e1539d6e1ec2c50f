import type { Expression } from "@aws-sdk/client-cost-explorer";
import { AppError } from "#lib/errors.ts";
import type { CostCell } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import { focusServiceOf } from "#lib/sources/aws-cost-explorer/aws-services.ts";
import { compareDays } from "#lib/sources/aws-cost-explorer/balance.ts";
import { BY_ACCOUNT, BY_SERVICE, type Ask, type ChargeRow } from "#lib/sources/aws-cost-explorer/charge-row.ts";
import { costOf, type CostBases } from "#lib/sources/aws-cost-explorer/cost-bases.ts";
import { refinedDimension, type RefinedDimension } from "#lib/sources/aws-cost-explorer/refined-dimension.ts";

export type Refinement = {
  ask: Ask;
  bases: CostBases;
  /** What the rows are limited to. */
  filter: Expression | undefined;
  /** "region" or "tag:<key>". */
  refineBy: string;
};

/** Groups on a page of Cost Explorer, as far as is known: it decides which way is the cheaper one and nothing else. */
const ASSUMED_PAGE_SIZE = 5_000;

/**
 * Gives rows of accounts and services of one charge category one more dimension, with few requests. Accounts are asked for once
 * by that dimension, and an account that has one value on all its days has it in all its rows. The others are asked for
 * one by one, or, where that is cheaper, value by value.
 *
 * @throws AppError "not_balanced" where an answer does not add up to the rows that it refines.
 */
export async function refineRows(rows: readonly ChargeRow[], refinement: Refinement): Promise<ChargeRow[]> {
  const { ask, bases, filter, refineBy } = refinement;
  const dimension = refinedDimension(refineBy);
  const byAccount = await ask([BY_ACCOUNT, dimension.group], filter);
  const ownRows = Map.groupBy(rows, ({ accountId }) => accountId);
  const cellsOfAccount = Map.groupBy(byAccount.cells, ({ keys }) => keys[0] ?? "");

  const refined: ChargeRow[] = [];
  const severalValues = new Map<string, Set<string>>();
  for (const accountId of new Set([...ownRows.keys(), ...cellsOfAccount.keys()])) {
    const own = ownRows.get(accountId) ?? [];
    const cells = cellsOfAccount.get(accountId) ?? [];
    compareDays(
      cells.map((cell) => costOf(cell, bases)),
      own,
      figuresOf(accountId, refineBy),
    );
    const values = new Set(cells.map(({ keys }) => keys[1] ?? ""));
    const [only = ""] = values;
    if (values.size > 1) severalValues.set(accountId, values);
    else for (const row of own) refined.push({ ...row, ...dimension.fieldOf(only) });
  }
  const values = new Set([...severalValues.values()].flatMap((ofAccount) => [...ofAccount]));
  const isByValue = values.size + rows.length / ASSUMED_PAGE_SIZE < severalValues.size;
  const replacing = isByValue
    ? await askByValue([...values], dimension, refinement)
    : await askByAccount([...severalValues.keys()], dimension, refinement);
  const replacingOf = Map.groupBy(replacing, ({ accountId }) => accountId);
  const chargeCategory = rows[0]?.chargeCategory ?? "Adjustment";
  for (const accountId of severalValues.keys()) {
    const ofAccount = replacingOf.get(accountId) ?? [];
    compareDays(ofAccount, ownRows.get(accountId) ?? [], figuresOf(accountId, refineBy));
    for (const row of ofAccount) refined.push({ ...row, chargeCategory });
  }
  return refined;
}

function figuresOf(accountId: string, refineBy: string): string {
  return `The figures of account ${accountId} by ${refineBy}`;
}

type RefinedRow = Omit<ChargeRow, "chargeCategory">;

/** One answer for each account: its services by value. */
async function askByAccount(
  accountIds: readonly string[],
  dimension: RefinedDimension,
  { ask, bases, filter }: Refinement,
): Promise<RefinedRow[]> {
  const rows: RefinedRow[] = [];
  for (const accountId of accountIds) {
    const account: Expression = { Dimensions: { Key: "LINKED_ACCOUNT", Values: [accountId] } };
    const answer = await ask([BY_SERVICE, dimension.group], both(filter, account));
    for (const cell of answer.cells) {
      const [service, value] = keysOf(cell);
      rows.push(rowOf(cell, bases, accountId, service, dimension.fieldOf(value)));
    }
  }
  return rows;
}

/** One answer for each value: the services of all accounts. */
async function askByValue(
  values: readonly string[],
  dimension: RefinedDimension,
  { ask, bases, filter }: Refinement,
): Promise<RefinedRow[]> {
  const rows: RefinedRow[] = [];
  for (const value of values) {
    const answer = await ask([BY_ACCOUNT, BY_SERVICE], both(filter, dimension.filterOf(value)));
    for (const cell of answer.cells) {
      const [accountId, service] = keysOf(cell);
      rows.push(rowOf(cell, bases, accountId, service, dimension.fieldOf(value)));
    }
  }
  return rows;
}

function both(filter: Expression | undefined, other: Expression): Expression {
  return filter === undefined ? other : { And: [filter, other] };
}

function keysOf(cell: CostCell): [string, string] {
  const [first, second] = cell.keys;
  if (first === undefined || second === undefined)
    throw new AppError("bad_data", `Cost Explorer answered a group of ${cell.day} without one of its two keys.`);
  return [first, second];
}

function rowOf(
  cell: CostCell,
  bases: CostBases,
  accountId: string,
  service: string,
  refined: ReturnType<RefinedDimension["fieldOf"]>,
): RefinedRow {
  return { ...costOf(cell, bases), ...focusServiceOf(service), accountId, regionId: "", tagValue: "", ...refined };
}
