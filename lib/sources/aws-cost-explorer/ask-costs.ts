import {
  GetCostAndUsageCommand,
  type Expression,
  type GetCostAndUsageCommandOutput,
  type GroupDefinition,
  type MetricValue,
  type ResultByTime,
} from "@aws-sdk/client-cost-explorer";
import { AMOUNT_SCALE, decimal, toAmount, type Amount } from "#lib/domain/money.ts";
import { day, type Day, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { COST_EXPLORER_PERMISSIONS, type AwsPermission } from "#lib/sources/aws/permissions.ts";

/** One answer has at most so many pages, at 0.01 USD each: far above what a month of a thousand accounts has. */
const MAX_PAGES = 1_000;
/** How often an answer whose token is no longer accepted is read from its first page again. */
const MAX_RESTARTS = 3;
/** What AWS answers where a token has expired, or where the data behind it were renewed between two pages. */
const STALE_TOKEN_ERRORS = ["InvalidNextTokenException", "RequestChangedException"];

export type CostMetric = "UnblendedCost" | "AmortizedCost" | "NetUnblendedCost" | "NetAmortizedCost";

export type CostQuestion = {
  range: DayRange;
  metrics: readonly CostMetric[];
  groupBy?: readonly GroupDefinition[];
  filter?: Expression | undefined;
};

/** The cost of one day and group. Amounts have at most 12 decimals; a metric that AWS did not answer is not there. */
export type CostCell = {
  day: Day;
  /** One per group key that was asked for. */
  keys: readonly string[];
  currency: string;
  amounts: Readonly<Partial<Record<CostMetric, Amount>>>;
};

export type CostAnswer = {
  /** Without those that are zero in every metric. */
  cells: CostCell[];
  /** First day that AWS calls estimated; null where none is. */
  estimatedFrom: Day | null;
  /** Names of the values of a dimension, of accounts for one, where AWS has told them. */
  names: Map<string, string>;
  /** Amounts that had more than 12 decimals. */
  rounded: number;
};

const [PERMISSION] = COST_EXPLORER_PERMISSIONS.filter(({ action }) => action === "ce:GetCostAndUsage");

/**
 * Every page of one question to GetCostAndUsage, by day.
 *
 * @throws AppError as the classification of AWS's errors has it, "unavailable" where no reading of the pages comes to its end,
 *   "bad_data" where an amount cannot be read.
 */
export async function askCosts(clients: AwsClients, question: CostQuestion): Promise<CostAnswer> {
  for (let reading = 0; reading <= MAX_RESTARTS; reading += 1) {
    const pages = await readPages(clients, question);
    if (pages !== null) return answerOf(pages);
  }
  throw new AppError("unavailable", "Cost Explorer renewed its data again and again while an answer was read.", {
    remedy: "The next run tries again.",
  });
}

/** All pages, or null where AWS no longer takes the token of the next one. */
async function readPages(clients: AwsClients, question: CostQuestion): Promise<GetCostAndUsageCommandOutput[] | null> {
  const { range, metrics, groupBy, filter } = question;
  const pages: GetCostAndUsageCommandOutput[] = [];
  let token: string | undefined;
  do {
    if (pages.length === MAX_PAGES)
      throw new AppError("limit_reached", `An answer of Cost Explorer has more than ${MAX_PAGES} pages.`, {
        remedy: "Leave the source's refineBy out, or read FOCUS files instead.",
      });
    const command = new GetCostAndUsageCommand({
      TimePeriod: { Start: range.from, End: range.to },
      Granularity: "DAILY",
      Metrics: [...metrics],
      ...(groupBy === undefined ? {} : { GroupBy: [...groupBy] }),
      ...(filter === undefined ? {} : { Filter: filter }),
      ...(token === undefined ? {} : { NextPageToken: token }),
    });
    const page = await clients.attempt(costPermission(), (options) =>
      clients.costExplorer.send(command, options).catch((thrown: unknown) => {
        if (token !== undefined && thrown instanceof Error && STALE_TOKEN_ERRORS.includes(thrown.name)) return null;
        throw thrown;
      }),
    );
    if (page === null) return null;
    pages.push(page);
    // A page may have no group and still have a next one.
    token = page.NextPageToken;
  } while (token !== undefined && token !== "");
  return pages;
}

function costPermission(): AwsPermission {
  if (PERMISSION === undefined) throw new RangeError("ce:GetCostAndUsage is not listed");
  return PERMISSION;
}

function answerOf(pages: readonly GetCostAndUsageCommandOutput[]): CostAnswer {
  const answer: CostAnswer = { cells: [], estimatedFrom: null, names: new Map(), rounded: 0 };
  for (const page of pages) {
    for (const result of page.ResultsByTime ?? []) {
      const start = startOf(result);
      if (result.Estimated === true && (answer.estimatedFrom === null || start < answer.estimatedFrom))
        answer.estimatedFrom = start;
      if (result.Total !== undefined) addCell(answer, start, [], result.Total);
      for (const group of result.Groups ?? []) addCell(answer, start, group.Keys ?? [], group.Metrics ?? {});
    }
    for (const { Value, Attributes } of page.DimensionValueAttributes ?? []) {
      const name = Attributes?.["description"];
      if (Value !== undefined && name !== undefined && name !== "") answer.names.set(Value, name);
    }
  }
  return answer;
}

function startOf({ TimePeriod }: ResultByTime): Day {
  const text = TimePeriod?.Start ?? "";
  try {
    return day(text);
  } catch (thrown) {
    throw new AppError("bad_data", "Cost Explorer answered a cost of no day.", {
      cause: thrown,
      place: { column: "TimePeriod.Start", value: text },
    });
  }
}

function addCell(
  answer: CostAnswer,
  start: Day,
  keys: readonly string[],
  metrics: Readonly<Record<string, MetricValue>>,
): void {
  const amounts: Partial<Record<string, Amount>> = {};
  const currencies = new Set<string>();
  for (const [metric, { Amount: text = "0", Unit = "" }] of Object.entries(metrics)) {
    const { amount, isRounded } = readAmount(text, start, metric);
    amounts[metric] = amount;
    if (isRounded) answer.rounded += 1;
    // Nothing has no currency: AWS then writes "N/A".
    if (amount !== "0") currencies.add(Unit);
  }
  const [currency, ...others] = currencies;
  if (currency === undefined) return;
  if (others.length > 0)
    throw new AppError("bad_data", `Cost Explorer answered one cost of ${start} in several currencies.`);
  answer.cells.push({ day: start, keys, currency, amounts });
}

function readAmount(text: string, start: Day, metric: string): { amount: Amount; isRounded: boolean } {
  try {
    const exact = decimal(text);
    return { amount: toAmount(exact.toDecimalPlaces(AMOUNT_SCALE)), isRounded: exact.decimalPlaces() > AMOUNT_SCALE };
  } catch (thrown) {
    throw new AppError("bad_data", `Cost Explorer answered a ${metric} of ${start} that is not a number.`, {
      cause: thrown,
      place: { column: metric, value: text },
    });
  }
}
