import type { Expression, GroupDefinition } from "@aws-sdk/client-cost-explorer";
import type { Day, DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { askCosts, type CostAnswer } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import { focusServiceOf } from "#lib/sources/aws-cost-explorer/aws-services.ts";
import { compareDays, type DayCost } from "#lib/sources/aws-cost-explorer/balance.ts";
import { BY_ACCOUNT, BY_SERVICE, type Ask, type ChargeRow } from "#lib/sources/aws-cost-explorer/charge-row.ts";
import {
  CHARGE_CATEGORIES,
  chargeCategoryOf,
  type ChargeCategory,
} from "#lib/sources/aws-cost-explorer/charge-category.ts";
import {
  chooseBases,
  costOf,
  metricsOf,
  metricsToTry,
  type CostBases,
} from "#lib/sources/aws-cost-explorer/cost-bases.ts";
import { refineRows } from "#lib/sources/aws-cost-explorer/refine-rows.ts";
import type { CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
import type { ProgressListener } from "#lib/sources/source.ts";

export type CollectedCosts = {
  rows: ChargeRow[];
  /** Cost Explorer's own ungrouped total, by day and currency. */
  total: DayCost[];
  /** What rounding took away from the rows, by day and currency. */
  residues: DayCost[];
  bases: CostBases;
  estimatedFrom: Day | null;
  accountNames: Map<string, string>;
  unknownRecordTypes: string[];
  /** Amounts that had more decimals than are kept. */
  rounded: number;
};

const BY_RECORD_TYPE: GroupDefinition = { Type: "DIMENSION", Key: "RECORD_TYPE" };

/**
 * The request plan: the ungrouped total, the record types that exist, and for each category of charges among them the accounts
 * and services; then what `refineBy` asks for. Every grouped answer is held against the total of its days.
 *
 * @throws AppError "not_balanced" where one of them does not add up to it.
 */
export async function collectCosts(
  clients: AwsClients,
  spec: CostExplorerSpec,
  range: DayRange,
  onProgress: ProgressListener,
): Promise<CollectedCosts> {
  let asked = 0;
  const report = (step: string) =>
    onProgress({ step, done: asked, total: 2 + CHARGE_CATEGORIES.length, unit: "answers" });
  report("Asking Cost Explorer for the total");
  const ungrouped = await askCosts(clients, { range, metrics: metricsToTry(spec.net) });
  const bases = chooseBases(spec.net, ungrouped.cells);
  const collected: CollectedCosts = {
    rows: [],
    total: ungrouped.cells.map((cell) => costOf(cell, bases)),
    residues: [],
    bases,
    estimatedFrom: ungrouped.estimatedFrom,
    accountNames: new Map(),
    unknownRecordTypes: [],
    rounded: ungrouped.rounded,
  };
  const ask: Ask = async (groupBy, filter) => {
    asked += 1;
    report("Asking Cost Explorer for accounts and services");
    const answer = await askCosts(clients, { range, metrics: metricsOf(bases), groupBy, filter });
    collected.rounded += answer.rounded;
    return answer;
  };

  const recordTypes = await ask([BY_RECORD_TYPE]);
  compareDays(
    recordTypes.cells.map((cell) => costOf(cell, bases)),
    collected.total,
    "Cost Explorer's record types",
  );
  const categories = categoriesOf(recordTypes, collected.unknownRecordTypes);
  for (const [chargeCategory, types] of categories) {
    const filter = categories.size === 1 ? undefined : recordTypeFilter(types);
    const answer = await ask([BY_ACCOUNT, BY_SERVICE], filter);
    for (const [id, name] of answer.names) collected.accountNames.set(id, name);
    const rows = rowsOf(answer, bases, chargeCategory);
    const refined =
      spec.refineBy === undefined ? rows : await refineRows(rows, { ask, bases, filter, refineBy: spec.refineBy });
    for (const row of refined) collected.rows.push(row);
  }
  collected.residues = compareDays(collected.rows, collected.total, "Cost Explorer's accounts and services");
  return collected;
}

/** The charge categories that exist and the record types of each, in a fixed order. */
function categoriesOf(answer: CostAnswer, unknown: string[]): Map<ChargeCategory, string[]> {
  const types = [...new Set(answer.cells.map(({ keys }) => keys[0] ?? ""))].toSorted();
  const found = new Map<ChargeCategory, string[]>();
  for (const type of types) {
    const category = chargeCategoryOf(type);
    if (category === null) unknown.push(type);
    found.set(category ?? "Adjustment", [...(found.get(category ?? "Adjustment") ?? []), type]);
  }
  return new Map(
    CHARGE_CATEGORIES.flatMap((category) => {
      const ofCategory = found.get(category);
      return ofCategory === undefined ? [] : [[category, ofCategory] as const];
    }),
  );
}

function recordTypeFilter(types: string[]): Expression {
  return { Dimensions: { Key: "RECORD_TYPE", Values: types } };
}

function rowsOf(answer: CostAnswer, bases: CostBases, chargeCategory: ChargeCategory): ChargeRow[] {
  return answer.cells.map((cell) => {
    const [accountId, service] = cell.keys;
    if (accountId === undefined || service === undefined)
      throw new AppError("bad_data", `Cost Explorer answered a group of ${cell.day} without account or service.`);
    return {
      ...costOf(cell, bases),
      ...focusServiceOf(service),
      accountId,
      chargeCategory,
      regionId: "",
      tagValue: "",
    };
  });
}
