import { type BillingPeriod, type Day, periodOf, rangeOf } from "#lib/domain/period.ts";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import { type Estate, makeDelivery } from "#demo/estate/estate.ts";
import { assertExact, type Line } from "#demo/estate/line.ts";
import { costEntriesOf, type RecordType } from "#demo/aws/cost-explorer/record-types.ts";

/** Everything that Cost Explorer can group and filter by, but the time. */
export type Facet = {
  accountId: string;
  accountName: string;
  service: string;
  serviceCode: string;
  region: string | null;
  availabilityZone: string | null;
  usageType: string | null;
  recordType: RecordType;
  publisher: string;
  tags: Readonly<Record<string, string>>;
};

/** The costs of a day, one position per facet that has any; whole numbers of 10^-10 USD, quantities of 10^-4. */
export type DayCosts = {
  facets: Int32Array;
  unblended: Float64Array;
  amortized: Float64Array;
  netUnblended: Float64Array;
  netAmortized: Float64Array;
  quantity: Float64Array;
};

export type CostCube = {
  /** Grows as months are looked at; positions stay. */
  facets: readonly Facet[];
  payerAccountId: string;
  /** Null for a day without any cost. `version` says which delivery of the restated month counts. */
  costsOf(day: Day, version: 1 | 2): DayCosts | null;
};

/** What a negotiated discount takes off use on demand in the net variants, in percent. */
const NET_DISCOUNT_PERCENT = 3;

/** The charges that the estate's FOCUS files have, added up by day and facet. A month is made when it is first asked for, and kept. */
export function createCostCube(estate: Estate): CostCube {
  const facets: Facet[] = [];
  const numbers = new Map<string, number>();
  const months = new Map<string, Map<Day, DayCosts>>();
  const payer = estate.accounts.find(({ name }) => name === ACCOUNT_NAMES.payer);
  if (!payer) throw new RangeError("The estate has no payer account.");
  const payerAccount = { id: payer.id, name: payer.name };

  function numberOf(line: Line, recordType: RecordType): number {
    const facet = facetOf(line, recordType, payerAccount);
    const key = JSON.stringify(facet);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, facets.length);
    return facets.push(facet) - 1;
  }

  function load(period: BillingPeriod, version: 1 | 2): Map<Day, DayCosts> {
    const days = new Map<Day, Map<number, number[]>>();
    const firstDay = rangeOf(period).from;
    const numberOfLine = new Map<string, number>();
    for (const charge of makeDelivery(estate, "aws-billing", period, version).charges) {
      // A charge counts on its first day, and one for an earlier month on the first day of the month that bills it.
      const day = charge.start < firstDay ? firstDay : charge.start;
      const sums = days.get(day) ?? new Map<number, number[]>();
      days.set(day, sums);
      for (const { recordType, unblended, amortized, quantity } of costEntriesOf(charge)) {
        const key = `${charge.line.id} ${recordType}`;
        const number = numberOfLine.get(key) ?? numberOf(charge.line, recordType);
        numberOfLine.set(key, number);
        const discount = recordType === "Usage" ? Math.trunc(unblended / 100) * NET_DISCOUNT_PERCENT : 0;
        const sum = sums.get(number) ?? [0, 0, 0, 0, 0];
        sums.set(number, sum);
        for (const [index, value] of [
          unblended,
          amortized,
          unblended - discount,
          amortized - discount,
          quantity,
        ].entries())
          sum[index] = assertExact((sum[index] ?? 0) + value);
      }
    }
    return new Map([...days].map(([day, sums]) => [day, packed(sums)]));
  }

  return {
    facets,
    payerAccountId: payer.id,
    costsOf(day, version) {
      const period = periodOf(day);
      if (!estate.calendar.periods.includes(period)) return null;
      const key = `${period} ${period === estate.calendar.restatedPeriod ? version : 1}`;
      const month = months.get(key) ?? load(period, version);
      months.set(key, month);
      return month.get(day) ?? null;
    },
  };
}

function facetOf(line: Line, recordType: RecordType, payer: { id: string; name: string }): Facet {
  const account = line.hasSubAccount ? line.account : payer;
  return {
    accountId: account.id,
    accountName: account.name,
    service: line.serviceName,
    serviceCode: line.serviceCode,
    region: line.regionId,
    availabilityZone: line.availabilityZone,
    usageType: line.unit === null ? null : line.meter,
    recordType,
    publisher: line.publisher,
    tags: line.tags ?? {},
  };
}

function packed(sums: ReadonlyMap<number, readonly number[]>): DayCosts {
  const column = (index: number) => Float64Array.from(sums.values(), (sum) => sum[index] ?? 0);
  return {
    facets: Int32Array.from(sums.keys()),
    unblended: column(0),
    amortized: column(1),
    netUnblended: column(2),
    netAmortized: column(3),
    quantity: column(4),
  };
}
