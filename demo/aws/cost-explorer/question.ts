import type { GetCostAndUsageRequest, GroupDefinition } from "@aws-sdk/client-cost-explorer";
import { addDays, addMonths, type Day, day, type DayRange, eachDay, periodOf, rangeOf } from "#lib/domain/period.ts";
import { AwsFailure } from "#demo/aws/service.ts";
import type { DayCosts, Facet } from "#demo/aws/cost-explorer/cost-cube.ts";
import { groupedDimension } from "#demo/aws/cost-explorer/dimensions.ts";
import { predicateOf } from "#demo/aws/cost-explorer/filter.ts";

/** One metric of an answer: its column of the day's costs and its unit. */
export type AskedMetric = { name: string; column: Exclude<keyof DayCosts, "facets"> | null; unit: "USD" | "N/A" };

/** A request of GetCostAndUsage, checked and understood. */
export type CostQuestion = {
  /** Half-open stretches of the answer: days, or months cut at both ends by the asked time. */
  stretches: DayRange[];
  metrics: AskedMetric[];
  groupBy: GroupDefinition[];
  keysOf: ((facet: Facet) => string)[];
  keeps: (facet: Facet) => boolean;
};

const METRICS: Readonly<Record<string, Omit<AskedMetric, "name">>> = {
  UnblendedCost: { column: "unblended", unit: "USD" },
  BlendedCost: { column: "unblended", unit: "USD" },
  AmortizedCost: { column: "amortized", unit: "USD" },
  NetUnblendedCost: { column: "netUnblended", unit: "USD" },
  NetAmortizedCost: { column: "netAmortized", unit: "USD" },
  UsageQuantity: { column: "quantity", unit: "N/A" },
  NormalizedUsageAmount: { column: null, unit: "N/A" },
};
const MONTHS_OF_HISTORY = 13;
const MAXIMUM_GROUP_KEYS = 2;
const DAY_PATTERN = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Checks what the SDK's model does not know: dates, metrics, group keys, filters. `hasNet` is whether the account has
 * the net metrics; without them they are left out of the answer. @throws ValidationException in AWS's words where they are known.
 */
export function questionOf(request: GetCostAndUsageRequest, today: Day, hasNet: boolean): CostQuestion {
  const { Granularity, Metrics = [], GroupBy = [], Filter } = request;
  if (Granularity !== "DAILY" && Granularity !== "MONTHLY")
    throw invalid(
      Granularity === "HOURLY"
        ? "Hourly granularity is not enabled for this account"
        : enumMessage("granularity", Granularity, ["DAILY", "MONTHLY", "HOURLY"]),
    );
  const range = rangeAsked(request, today);
  if (Metrics.length === 0) throw invalid("Metrics cannot be empty");
  const metrics = Metrics.map((name) => metricOf(name)).filter(({ name }) => hasNet || !name.startsWith("Net"));
  if (GroupBy.length > MAXIMUM_GROUP_KEYS)
    throw invalid(`You can group by up to ${MAXIMUM_GROUP_KEYS} dimensions or tags`);
  return {
    stretches: stretchesOf(range, Granularity),
    metrics,
    groupBy: GroupBy,
    keysOf: GroupBy.map(keyOf),
    keeps: Filter ? predicateOf(Filter) : () => true,
  };
}

function rangeAsked({ TimePeriod, Granularity }: GetCostAndUsageRequest, today: Day): DayRange {
  const from = dayAsked(TimePeriod?.Start ?? "");
  const to = dayAsked(TimePeriod?.End ?? "");
  if (to <= from) throw invalid("Start date (and hour) should be before end date (and hour)");
  if (from > today) throw invalid("Start date cannot be after the current date");
  const thisMonth = periodOf(today);
  if (to > rangeOf(thisMonth).to) throw invalid("end date past the beginning of next month");
  if (from < rangeOf(addMonths(thisMonth, -MONTHS_OF_HISTORY)).from)
    throw invalid(
      Granularity === "MONTHLY" && !from.endsWith("-01")
        ? "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month."
        : "You haven't enabled historical data beyond 14 months",
    );
  return { from, to };
}

function dayAsked(text: string): Day {
  if (!DAY_PATTERN.test(text))
    throw invalid(`Time period value '${text}' does not match the pattern of a date, yyyy-MM-dd`);
  try {
    return day(text);
  } catch {
    throw invalid(`Time period value '${text}' is not a day of the calendar`);
  }
}

function metricOf(name: string): AskedMetric {
  const metric = Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
  if (!metric) throw invalid(`Invalid metric name: ${name}. Valid metrics are ${Object.keys(METRICS).join(", ")}`);
  return { name, ...metric };
}

function keyOf({ Type, Key = "" }: GroupDefinition): (facet: Facet) => string {
  switch (Type) {
    case "DIMENSION":
      return groupedDimension(Key);
    case "TAG":
      return ({ tags }) => `${Key}$${tags[Key] ?? ""}`;
    // No cost category is defined in this organisation, so every row is outside of the one that is asked for.
    case "COST_CATEGORY":
      return () => `${Key}$`;
    default:
      throw invalid(enumMessage("groupBy.1.member.type", Type, ["DIMENSION", "TAG", "COST_CATEGORY"]));
  }
}

function stretchesOf(range: DayRange, granularity: "DAILY" | "MONTHLY"): DayRange[] {
  if (granularity === "DAILY") return eachDay(range).map((from) => ({ from, to: addDays(from, 1) }));
  const stretches: DayRange[] = [];
  for (let from = range.from; from < range.to;) {
    const monthEnd = rangeOf(periodOf(from)).to;
    const to = monthEnd < range.to ? monthEnd : range.to;
    stretches.push({ from, to });
    from = to;
  }
  return stretches;
}

function enumMessage(place: string, value: string | undefined, allowed: readonly string[]): string {
  return `1 validation error detected: Value '${value ?? "null"}' at '${place}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(", ")}]`;
}

function invalid(message: string): AwsFailure {
  return new AwsFailure("ValidationException", message);
}
