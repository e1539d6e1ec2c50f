import { addDays, type BillingPeriod, type Day } from "#lib/domain/period.ts";
import type { Amounts } from "#lib/domain/money.ts";
import { ANOMALY_FACTOR } from "#demo/estate/planted-streams.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { amountText, type Delivery, type Line } from "#demo/estate/line.ts";
import { stretchIn } from "#demo/estate/organisation.ts";
import { PROVIDERS, type SourceKey } from "#demo/estate/services.ts";

/** What one delivery holds, by what was planted in each row. Direct + pools + unallocated = totals. */
export type SliceTruth = {
  source: SourceKey;
  period: BillingPeriod;
  /** 2 = the restated delivery of a month. */
  version: 1 | 2;
  currency: string;
  lineItems: number;
  totals: Amounts;
  /** By team key: what rules give to the team itself, without any share of a pool. */
  direct: Record<string, Amounts>;
  /** The same by business unit, as the teams stood in that period. */
  directByBusinessUnit: Record<string, Amounts>;
  /** By pool key, before it is split. */
  pools: Record<string, Amounts>;
  unallocated: Amounts;
};

/** One row of a difference: second delivery − first delivery. Team and pool are "" where it is neither. */
export type DifferenceTruth = {
  team: string;
  pool: string;
  accountId: string;
  accountName: string;
  serviceName: string;
  lineItems: number;
  amounts: Amounts;
};

export type Truth = {
  seed: string;
  today: Day;
  months: number;
  scale: number;
  slices: SliceTruth[];
  /** Expected periods that were never delivered. */
  holes: { source: SourceKey; period: BillingPeriod }[];
  restatement: {
    source: SourceKey;
    period: BillingPeriod;
    currency: string;
    lineItems: number;
    totals: Amounts;
    rows: DifferenceTruth[];
  };
  anomaly: {
    source: SourceKey;
    accountId: string;
    accountName: string;
    team: string;
    serviceName: string;
    /** Half-open. */
    from: Day;
    to: Day;
    factor: number;
    currency: string;
    effective: string;
    /** What the same days would have cost. */
    expected: string;
    /** Effective cost of the account's service by day, from four weeks before to its end. */
    days: { day: Day; effective: string }[];
  };
};

type Sum = { lineItems: number; billed: bigint; effective: bigint; list: bigint; contracted: bigint };
const zero = (): Sum => ({ lineItems: 0, billed: 0n, effective: 0n, list: 0n, contracted: 0n });

const DAYS_BEFORE_ANOMALY = 28;

export type TruthBook = {
  /** Counts a delivery in. Each of `deliveryKeysOf` exactly once, in any order. */
  add(delivery: Delivery): void;
  finish(): Truth;
};

/**
 * Adds up what the generator planted, row by row. It shares no code with the product: each row knows its owner from
 * the moment it was made, and integers of 10^-10 are summed.
 */
export function createTruthBook(estate: Estate): TruthBook {
  const slices: SliceTruth[] = [];
  const restated = new Map<1 | 2, Map<Line, Sum>>();
  const surging = new Map<Day, bigint>();
  const { calendar } = estate;
  const surgeLine = estate.streams.find(({ surge }) => surge !== null)?.stretches[0]?.line;
  if (!surgeLine) throw new RangeError("The anomaly is missing from the estate.");
  const surgeFrom = addDays(calendar.anomaly.from, -DAYS_BEFORE_ANOMALY);

  function add(delivery: Delivery): void {
    const sums = sumsByLine(delivery);
    slices.push(sliceOf(estate, delivery, sums));
    if (delivery.source === "aws-billing" && delivery.period === calendar.restatedPeriod)
      restated.set(delivery.version, sums);
    for (const { line, start, effective } of delivery.charges)
      if (line === surgeLine && delivery.version === 1 && surgeFrom <= start && start < calendar.anomaly.to)
        surging.set(start, BigInt(effective));
  }

  function finish(): Truth {
    const days = [...surging].toSorted(([left], [right]) => (left < right ? -1 : 1));
    const effective = days
      .filter(([day]) => calendar.anomaly.from <= day)
      .reduce((sum, [, amount]) => sum + amount, 0n);
    const account = surgeLine?.account;
    return {
      seed: estate.seed,
      today: calendar.today,
      months: calendar.periods.length,
      scale: estate.scale,
      slices,
      holes: [{ source: "gcp", period: calendar.missingPeriod }],
      restatement: differenceOf(
        estate,
        restated.get(1) ?? new Map<Line, Sum>(),
        restated.get(2) ?? new Map<Line, Sum>(),
      ),
      anomaly: {
        source: "aws-billing",
        accountId: account?.id ?? "",
        accountName: account?.name ?? "",
        team: account?.team ?? "",
        serviceName: surgeLine?.serviceName ?? "",
        ...calendar.anomaly,
        factor: ANOMALY_FACTOR,
        currency: PROVIDERS.AWS.currency,
        effective: amountText(effective),
        expected: amountText(effective / BigInt(ANOMALY_FACTOR)),
        days: days.map(([day, amount]) => ({ day, effective: amountText(amount) })),
      },
    };
  }

  return { add, finish };
}

function sumsByLine({ charges }: Delivery): Map<Line, Sum> {
  const sums = new Map<Line, Sum>();
  for (const charge of charges) {
    const sum = sums.get(charge.line) ?? zero();
    sums.set(charge.line, sum);
    sum.lineItems += 1;
    sum.billed += BigInt(charge.billed);
    sum.effective += BigInt(charge.effective);
    sum.list += BigInt(charge.list);
    sum.contracted += BigInt(charge.contracted);
  }
  return sums;
}

function sliceOf(estate: Estate, { source, period, version }: Delivery, sums: Map<Line, Sum>): SliceTruth {
  const units = new Map(estate.teams.map((team) => [team.key, stretchIn(team, period).businessUnit]));
  const total = zero();
  const unallocated = zero();
  const direct = new Map<string, Sum>();
  const byUnit = new Map<string, Sum>();
  const pools = new Map<string, Sum>();
  for (const [{ owner }, sum] of sums) {
    plus(total, sum);
    if (owner.kind === "nobody") plus(unallocated, sum);
    if (owner.kind === "pool") plusAt(pools, owner.pool, sum);
    if (owner.kind === "team") {
      plusAt(direct, owner.team, sum);
      plusAt(byUnit, units.get(owner.team) ?? "", sum);
    }
  }
  const currency = source === "aws-billing" ? PROVIDERS.AWS.currency : PROVIDERS.Microsoft.currency;
  return {
    source,
    period,
    version,
    currency,
    lineItems: total.lineItems,
    totals: amountsOf(total),
    direct: record(direct),
    directByBusinessUnit: record(byUnit),
    pools: record(pools),
    unallocated: amountsOf(unallocated),
  };
}

function differenceOf(estate: Estate, before: Map<Line, Sum>, after: Map<Line, Sum>): Truth["restatement"] {
  const rows = new Map<string, { line: Line; sum: Sum }>();
  const total = zero();
  for (const [sums, sign] of [
    [before, -1n],
    [after, 1n],
  ] as const) {
    for (const [line, sum] of sums) {
      const signed: Sum = {
        lineItems: sum.lineItems * Number(sign),
        billed: sum.billed * sign,
        effective: sum.effective * sign,
        list: sum.list * sign,
        contracted: sum.contracted * sign,
      };
      const key = JSON.stringify([line.owner, line.account.id, line.serviceName]);
      const row = rows.get(key) ?? { line, sum: zero() };
      rows.set(key, row);
      plus(row.sum, signed);
      plus(total, signed);
    }
  }
  const changed = [...rows.values()].filter(({ sum }) => Object.values(sum).some((value) => BigInt(value) !== 0n));
  return {
    source: "aws-billing",
    period: estate.calendar.restatedPeriod,
    currency: PROVIDERS.AWS.currency,
    lineItems: total.lineItems,
    totals: amountsOf(total),
    rows: changed.map(({ line: { owner, account, serviceName }, sum }) => ({
      team: owner.kind === "team" ? owner.team : "",
      pool: owner.kind === "pool" ? owner.pool : "",
      accountId: account.id,
      accountName: account.name,
      serviceName,
      lineItems: sum.lineItems,
      amounts: amountsOf(sum),
    })),
  };
}

function plus(sum: Sum, other: Sum): void {
  sum.lineItems += other.lineItems;
  sum.billed += other.billed;
  sum.effective += other.effective;
  sum.list += other.list;
  sum.contracted += other.contracted;
}

function plusAt(sums: Map<string, Sum>, key: string, other: Sum): void {
  const sum = sums.get(key) ?? zero();
  sums.set(key, sum);
  plus(sum, other);
}

function amountsOf(sum: Sum): Amounts {
  return {
    billed: amountText(sum.billed),
    effective: amountText(sum.effective),
    list: amountText(sum.list),
    contracted: amountText(sum.contracted),
  };
}

function record(sums: Map<string, Sum>): Record<string, Amounts> {
  return Object.fromEntries(
    [...sums].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([key, sum]) => [key, amountsOf(sum)]),
  );
}

/** The truth of one delivery. @throws RangeError where there is none. */
export function sliceTruth(truth: Truth, source: SourceKey, period: string, version: 1 | 2 = 1): SliceTruth {
  const slice = truth.slices.find(
    (candidate) => candidate.source === source && candidate.period === period && candidate.version === version,
  );
  if (!slice) throw new RangeError(`The estate has no delivery ${version} of ${source} for ${period}.`);
  return slice;
}
