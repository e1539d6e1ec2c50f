import { RESOURCES, type Resource } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { AMOUNT_SCALE, decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";

/** What a namespace requested and used of one resource over a period. */
export type ResourceUse = {
  /** Average over the period, in cores, GiB or GPUs; null = not known. */
  requested: number | null;
  /** Hour by hour, in the same unit; null = not observed. */
  used: readonly (number | null)[];
  /** What that was charged with in the period, direct cost; null = not known. */
  cost: Amount | null;
};

export type ResourceEfficiency = {
  resource: Resource;
  requested: number | null;
  /** Average over the observed hours; null = none was observed. */
  used: number | null;
  /** `used` ÷ `requested`: above 1 where more is used than requested. Null where either is not known, or nothing was requested. */
  efficiency: number | null;
  /** What should be requested; null where it cannot be told. */
  target: number | null;
  advice: "lower" | "raise" | "keep" | "unknown";
  /** What lowering the request to the target would have saved in the period; "0" where it should not be lowered; null = not known. */
  saving: Amount | null;
  /** One sentence on why. */
  reason: string;
};

/** By resource, and the sum of the savings that are known; null where none is. */
export type Efficiency = { resources: ResourceEfficiency[]; saving: Amount | null };

type Sizing = { percentile: number; headroom: number; least: number; step: number; unit: string; because: string };

/**
 * How a request is sized: a high percentile of the hourly use, times headroom, rounded up to a step.
 *
 * CPU that is short is slow for a moment. Memory that is short ends the process, so that nothing that was used may be left out.
 * GPUs are given out whole.
 */
const SIZING: Readonly<Record<Resource, Sizing>> = {
  cpuCores: {
    percentile: 0.95,
    headroom: 1.2,
    least: 0.01,
    step: 0.01,
    unit: "cores",
    because: "the rare peak above it is only slower",
  },
  memoryGib: {
    percentile: 1,
    headroom: 1.2,
    least: 0.03125,
    step: 0.03125,
    unit: "GiB",
    because: "a process that gets too little is ended",
  },
  gpus: { percentile: 1, headroom: 1, least: 0, step: 1, unit: "GPUs", because: "they are given out whole" },
};

/** A week shows working days and a weekend; less is no ground for advice. */
const LEAST_HOURS = 7 * 24;

/** The share of the hours that must have been observed. */
const LEAST_OBSERVED = 0.8;

/** A target closer to the request than this is not worth a change. */
const WORTH_A_CHANGE = 0.1;

/**
 * How much of what was requested is used, and what right-sizing would have saved in the period. A saving is a part of what the
 * resource was charged with; capacity becomes cheaper only when nodes become fewer.
 */
export function judgeEfficiency(uses: Partial<Record<Resource, ResourceUse>>): Efficiency {
  const resources = RESOURCES.flatMap((resource) => {
    const use = uses[resource];
    return use === undefined ? [] : [judgeResource(resource, use)];
  });
  const savings = resources.flatMap(({ saving }) => saving ?? []);
  return { resources, saving: savings.length === 0 ? null : toAmount(sum(savings)) };
}

/** Used ÷ requested of several namespaces together, such as a team's; those of which either is not known are left out. */
export function efficiencyOfAll(uses: readonly Pick<ResourceEfficiency, "requested" | "used">[]): number | null {
  let [used, requested] = [0, 0];
  for (const use of uses) {
    if (use.used === null || use.requested === null) continue;
    used += use.used;
    requested += use.requested;
  }
  return requested > 0 ? used / requested : null;
}

function judgeResource(resource: Resource, { requested, used: hours, cost }: ResourceUse): ResourceEfficiency {
  const observed = hours.filter((value) => value !== null);
  const used = observed.length === 0 ? null : observed.reduce((total, value) => total + value, 0) / observed.length;
  const efficiency = used === null || requested === null || requested <= 0 ? null : used / requested;
  const known = { resource, requested, used, efficiency };
  const lacking = whatIsLacking(requested, observed.length, hours.length);
  if (lacking !== null || requested === null)
    return { ...known, target: null, advice: "unknown", saving: null, reason: lacking ?? "The request is not known." };

  const sizing = SIZING[resource];
  const { unit, headroom, because } = sizing;
  const peak = percentileOf(observed, sizing.percentile);
  const target = targetOf(peak, sizing);
  const measure = sizing.percentile === 1 ? "all hours stayed" : `${sizing.percentile * 100} % of the hours stayed`;
  const basis = `${measure} at or below ${show(peak)} ${unit}`;
  const headroomText = headroom === 1 ? "" : `, and with ${Math.round((headroom - 1) * 100)} % headroom`;
  const reason = `${show(requested)} ${unit} are requested; ${basis}${headroomText}, ${show(target)} ${unit} are enough: ${because}.`;

  if (target > requested * (1 + WORTH_A_CHANGE))
    return { ...known, target, advice: "raise", saving: "0", reason: reason.replace("are enough", "should be") };
  if (target >= requested * (1 - WORTH_A_CHANGE)) {
    const fits = `${show(requested)} ${unit} are requested, which fits: ${basis}.`;
    return { ...known, target, advice: "keep", saving: "0", reason: fits };
  }
  return { ...known, target, advice: "lower", saving: savingOf(cost, requested, target), reason };
}

function whatIsLacking(requested: number | null, observed: number, hours: number): string | null {
  if (requested === null) return "The request is not known.";
  if (observed < LEAST_HOURS) return `Use was observed in ${observed} hours; advice needs ${LEAST_HOURS}.`;
  if (observed < hours * LEAST_OBSERVED)
    return `Use was observed in ${observed} of ${hours} hours; advice needs ${LEAST_OBSERVED * 100} % of them.`;
  return null;
}

/** The smallest value that at least this share of the values do not exceed (nearest rank). */
function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(sorted.length * share))) - 1] ?? 0;
}

function targetOf(peak: number, { headroom, least, step }: Sizing): number {
  // Steps are counted before they are multiplied, and a millionth of one is no reason for another.
  const steps = Math.ceil((peak * headroom) / step - 1e-6);
  return Math.max(least, Number((steps * step).toFixed(6)));
}

/** How Decimal calls rounding towards zero. */
const TOWARDS_ZERO = 1;

/** Rounded down, so that no saving is promised that is not there. A credit saves nothing. */
function savingOf(cost: Amount | null, requested: number, target: number): Amount | null {
  if (cost === null) return null;
  const charged = decimal(cost);
  if (!charged.greaterThan(0)) return "0";
  const share = decimal(requested).minus(target).dividedBy(requested);
  return toAmount(charged.times(share).toDecimalPlaces(AMOUNT_SCALE, TOWARDS_ZERO));
}

function show(value: number): string {
  return String(Number(value.toPrecision(3)));
}
