import { addAmounts, decimal, split, toAmount, type Amount } from "#lib/domain/money.ts";
import { addDays, addMonths, periodOf, rangeOf, type Day } from "#lib/domain/period.ts";
import type { ReportTable } from "#lib/reports/table.ts";

/** What a cluster was charged on a day in one currency, and the parts that it was split into. */
export type AllocatedOrigin = {
  clusterKey: string;
  day: Day;
  currency: string;
  provider: string;
  /** Of the account that it runs in; "" where several are billed for it, or none is known. */
  account: string;
  billed: Amount;
  effective: Amount;
  /** "opencost", and how idle and shared cost are treated. */
  method: string;
  settings: object;
  parts: AllocatedPart[];
};

export type AllocatedPart = {
  kind: "namespace" | "idle" | "overhead" | "unobserved";
  namespace: string;
  uid: string;
  team: string | null;
  billed: Amount;
  effective: Amount;
};

const COLUMNS: ReportTable["columns"] = [
  ...["ProviderName", "SubAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd"].map(textColumn),
  ...["ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeDescription"].map(textColumn),
  ...["ServiceCategory", "ServiceName", "ResourceId", "ResourceName", "ResourceType"].map(textColumn),
  { name: "BilledCost", type: "amount" },
  { name: "EffectiveCost", type: "amount" },
  ...["AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId", "AllocatedResourceName"].map(textColumn),
  textColumn("AllocatedTags"),
];

function textColumn(name: string): { name: string; type: "text" } {
  return { name, type: "text" };
}

/**
 * Allocated cost as FOCUS 1.3 writes what a data generator splits: each cluster's day is an origin charge, each of its parts an allocated
 * charge with the origin's own dimensions. The parts' costs add up to the origin's, and their ratios to 1. What is no namespace's names no
 * allocated resource, as the specification wants it of what stays unallocated.
 *
 * List and contracted costs are not split, so that they have no columns.
 * https://focus.finops.org/focus-specification/ (AllocatedMethodDetails, Split Cost Allocation Handling)
 *
 * @throws RangeError where the parts are not the whole.
 */
export function allocationTable(origins: readonly AllocatedOrigin[]): ReportTable {
  return {
    title: "Allocated cost of clusters",
    columns: COLUMNS,
    rows: origins.flatMap(rowsOf),
    about: [
      ["Format", "FOCUS 1.3, allocated charges"],
      ["Origin charges", "What the provider billed for a cluster on a UTC day, in one currency"],
    ],
  };
}

function rowsOf(origin: AllocatedOrigin): (string | null)[][] {
  assertWhole(origin);
  const period = periodOf(origin.day);
  const ratios = ratiosOf(origin.parts);
  return origin.parts.map((part, index) => [
    origin.provider,
    origin.account,
    origin.currency,
    instant(rangeOf(period).from),
    instant(rangeOf(addMonths(period, 1)).from),
    instant(origin.day),
    instant(addDays(origin.day, 1)),
    "Usage",
    `Cost of the cluster ${origin.clusterKey}`,
    "Compute",
    "Kubernetes",
    origin.clusterKey,
    origin.clusterKey,
    "Cluster",
    part.billed,
    part.effective,
    `bursar-${origin.method}`,
    methodDetails(ratios[index] ?? "0", part, origin.settings),
    part.kind === "namespace" ? part.uid || part.namespace : null,
    part.kind === "namespace" ? part.namespace : null,
    JSON.stringify(tagsOf(origin, part)),
  ]);
}

/** A ratio is a JSON number with every digit: it is written as text, for a double would round it. */
function methodDetails(ratio: Amount, part: AllocatedPart, settings: object): string {
  const own = JSON.stringify({ x_Part: part.kind, x_Settings: settings }).slice(1, -1);
  return `{"Elements":[{"AllocatedRatio":${ratio}}],${own}}`;
}

function tagsOf({ clusterKey }: AllocatedOrigin, { kind, namespace, team }: AllocatedPart): Record<string, string> {
  return {
    cluster: clusterKey,
    ...(kind === "namespace" ? { namespace } : {}),
    ...(team === null ? {} : { team }),
  };
}

/** By effective cost, or by the billed one where nobody has any; without sign, so that a credit is shared like the cost that it lowers. */
function ratiosOf(parts: readonly AllocatedPart[]): Amount[] {
  for (const basis of ["effective", "billed"] as const) {
    const weights = parts.map((part) => decimal(part[basis]).abs());
    if (weights.some((weight) => !weight.isZero())) return split("1", weights).map(toAmount);
  }
  return split(
    "1",
    parts.map(() => "1"),
  ).map(toAmount);
}

function assertWhole({ clusterKey, day, parts, ...origin }: AllocatedOrigin): void {
  for (const basis of ["billed", "effective"] as const) {
    const total = addAmounts(parts.map((part) => part[basis]));
    if (!decimal(total).equals(origin[basis]))
      throw new RangeError(`The parts of ${clusterKey} on ${day} are ${total} ${basis}, and not ${origin[basis]}.`);
  }
}

function instant(day: Day): string {
  return `${day}T00:00:00Z`;
}
