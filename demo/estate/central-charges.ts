import { addMonths, type BillingPeriod, type Day, daysIn, periodOf, rangeOf } from "#lib/domain/period.ts";
import { ACCOUNT_NAMES, type CloudAccount, POOL_KEYS } from "#demo/estate/accounts.ts";
import { type Calendar, dayFactors } from "#demo/estate/calendar.ts";
import { assertExact, type Charge, type Line, ONE_UNIT } from "#demo/estate/line.ts";
import { type LineBook, RESERVATION, SAVINGS_PLAN } from "#demo/estate/line-book.ts";
import type { SourceKey } from "#demo/estate/services.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";

/** A fee, credit, refund or marketplace purchase of a fixed amount, once a month. */
type MonthlyCharge = {
  line: Line;
  source: SourceKey;
  amount: number;
  only: BillingPeriod | null;
  effective: boolean;
  bookedFor: "this month" | "month before";
};

/** The lines of what is not charged by resource and day. */
export type CentralLines = {
  savingsPlanFee: Line;
  savingsPlanUnused: Line;
  reservationFee: Line;
  reservationUnused: Line;
  support: Line;
  supportTax: Line;
  monthly: MonthlyCharge[];
  scale: number;
};

/** Above the best covered day of the month by so many percent: what was committed to and is not used. */
const COMMITTED_ABOVE_USE_PERCENT = 4;
/** Of everything else that the month bills. */
const SUPPORT_PERCENT = 4;
const VALUE_ADDED_TAX_PERCENT = 19;
const MARKETPLACE_ACCOUNTS: readonly (readonly [account: string, product: string, monthly: number])[] = [
  ["observability-prod", "Graphwright Observability", 6_400],
  ["motor-claims-prod", "Dentscan Image Appraisal", 3_150],
  ["customer-portal-prod", "Signet E-Signature", 1_275],
];

export function createCentralLines(
  accounts: readonly CloudAccount[],
  calendar: Calendar,
  book: LineBook,
  scale: number,
): CentralLines {
  const at = (name: string): CloudAccount => {
    const account = accounts.find((candidate) => candidate.name === name);
    if (!account) throw new RangeError(`There is no account ${name}.`);
    return account;
  };
  const payer = at(ACCOUNT_NAMES.payer);
  const commitments: PlantedOwner = { kind: "pool", pool: POOL_KEYS.commitments };
  const support: PlantedOwner = { kind: "pool", pool: POOL_KEYS.support };
  const plan = {
    serviceCode: "savings-plan",
    serviceName: "Savings Plans for AWS Compute usage",
    serviceCategory: "Compute",
    serviceSubcategory: "Other (Compute)",
    owner: commitments,
  };
  const reserved = {
    serviceCode: "rds-reserved",
    serviceName: "Amazon Relational Database Service",
    serviceCategory: "Databases",
    serviceSubcategory: "Relational Databases",
    owner: commitments,
    regionId: "eu-central-1",
    regionName: "Europe (Frankfurt)",
  };
  const help = {
    serviceCode: "support",
    serviceName: "AWS Support (Enterprise)",
    serviceCategory: "Other",
    serviceSubcategory: "Other (Other)",
    owner: support,
  };
  const unused = { chargeCategory: "Usage", chargeFrequency: "Usage-Based", pricingCategory: "Committed" } as const;
  return {
    savingsPlanFee: book.fee(payer, {
      ...plan,
      chargeCategory: "Purchase",
      description: "Savings Plan recurring fee",
      commitment: { ...SAVINGS_PLAN, status: null },
    }),
    savingsPlanUnused: book.fee(payer, {
      ...plan,
      ...unused,
      description: "Unused Savings Plan commitment",
      commitment: { ...SAVINGS_PLAN, status: "Unused" },
    }),
    reservationFee: book.fee(payer, {
      ...reserved,
      chargeCategory: "Purchase",
      chargeFrequency: "One-Time",
      description: "Reserved instances, all upfront",
      commitment: { ...RESERVATION, status: null },
    }),
    reservationUnused: book.fee(payer, {
      ...reserved,
      ...unused,
      description: "Unused reserved instance hours",
      commitment: { ...RESERVATION, status: "Unused" },
    }),
    support: book.fee(payer, {
      ...help,
      chargeCategory: "Usage",
      description: "AWS Enterprise Support fee of the month",
    }),
    supportTax: book.fee(payer, {
      ...help,
      chargeCategory: "Tax",
      description: "Value added tax of 19 % on AWS Support",
    }),
    monthly: [...marketplaceCharges(at, book), ...creditsAndRefunds(at, calendar, book)],
    scale,
  };
}

function marketplaceCharges(at: (name: string) => CloudAccount, book: LineBook): MonthlyCharge[] {
  return MARKETPLACE_ACCOUNTS.flatMap(([name, product, monthly]) => {
    const account = at(name);
    const service = {
      serviceCode: "marketplace",
      serviceName: product,
      serviceCategory: "Business Applications",
      serviceSubcategory: "Other (Business Applications)",
    };
    const line = book.fee(account, {
      ...service,
      chargeCategory: "Purchase",
      description: `${product}, monthly subscription`,
      publisher: product.split(" ")[0] ?? product,
      owner: { kind: "team", team: account.team ?? "" },
    });
    const tax = book.fee(account, {
      ...service,
      chargeCategory: "Tax",
      description: `Value added tax of 19 % on ${product}`,
      owner: { kind: "pool", pool: POOL_KEYS.support },
    });
    return [
      monthlyCharge(line, monthly * ONE_UNIT),
      monthlyCharge(tax, (monthly * ONE_UNIT * VALUE_ADDED_TAX_PERCENT) / 100),
    ];
  });
}

function creditsAndRefunds(at: (name: string) => CloudAccount, calendar: Calendar, book: LineBook): MonthlyCharge[] {
  const payer = at(ACCOUNT_NAMES.payer);
  const commitments: PlantedOwner = { kind: "pool", pool: POOL_KEYS.commitments };
  const credit = { chargeCategory: "Credit", chargeFrequency: "One-Time" } as const;
  const compute = {
    serviceCode: "credit",
    serviceName: "Amazon Elastic Compute Cloud",
    serviceCategory: "Compute",
    serviceSubcategory: "Virtual Machines",
  };
  const data = at("data-platform-prod");
  const quotes = at("quote-engine-prod");
  const azure = at("hvn-workplace-prod");
  const google = at("hvn-analytics-prod");
  return [
    monthlyCharge(
      book.fee(payer, { ...compute, ...credit, description: "Migration acceleration credit", owner: commitments }),
      -6_500 * ONE_UNIT,
    ),
    monthlyCharge(
      book.fee(data, {
        ...compute,
        ...credit,
        description: "Analytics pilot credit",
        owner: { kind: "team", team: "data-platform" },
      }),
      -1_200 * ONE_UNIT,
    ),
    {
      ...monthlyCharge(
        book.fee(quotes, {
          ...compute,
          chargeCategory: "Usage",
          chargeClass: "Correction",
          chargeFrequency: "One-Time",
          description: "Refund of use that was charged twice",
          owner: { kind: "team", team: "quote-engine" },
        }),
        -41_234_567_890_123,
      ),
      only: calendar.refundPeriod,
      bookedFor: "month before",
    },
    // Names no subscription and no project, so only a rule on the charge category can place them.
    monthlyCharge(
      book.fee(azure, {
        ...credit,
        serviceCode: "credit",
        serviceName: "Virtual Machines",
        serviceCategory: "Compute",
        serviceSubcategory: "Virtual Machines",
        description: "Azure consumption credit",
        hasSubAccount: false,
        owner: commitments,
      }),
      -900 * ONE_UNIT,
    ),
    monthlyCharge(
      book.fee(google, {
        ...credit,
        serviceCode: "credit",
        serviceName: "Compute Engine",
        serviceCategory: "Compute",
        serviceSubcategory: "Virtual Machines",
        description: "Spend based committed use discount",
        hasSubAccount: false,
        owner: commitments,
      }),
      -420 * ONE_UNIT,
    ),
  ];
}

function monthlyCharge(line: Line, amount: number): MonthlyCharge {
  return {
    line,
    source: line.source,
    amount: assertExact(amount),
    only: null,
    effective: true,
    bookedFor: "this month",
  };
}

/** What is charged for commitments by the day and for the rest by the month, given the month's other charges. */
export function centralChargesOf(
  central: CentralLines,
  source: SourceKey,
  period: BillingPeriod,
  charges: readonly Charge[],
  calendar: Calendar,
): Charge[] {
  const monthly = central.monthly
    .filter((charge) => charge.source === source && (charge.only === null || charge.only === period))
    .map(({ line, amount, bookedFor }) =>
      wholeMonth(line, bookedFor === "this month" ? period : addMonths(period, -1), scaled(amount, central.scale)),
    );
  if (source !== "aws-billing") return monthly;
  const plan = commitmentCharges(charges, SAVINGS_PLAN.id, central.savingsPlanUnused, calendar);
  const reservation = commitmentCharges(charges, RESERVATION.id, central.reservationUnused, calendar);
  const fees = plan.days.map(({ day, committed }) =>
    amountCharge(central.savingsPlanFee, day, 1, { billed: committed, effective: 0 }),
  );
  const upfront =
    periodOf(calendar.reservationStarts) === period
      ? [
          amountCharge(central.reservationFee, calendar.reservationStarts, 1, {
            billed: scaled(264_000 * ONE_UNIT, central.scale),
            effective: 0,
          }),
        ]
      : [];
  const others = [...fees, ...plan.unused, ...upfront, ...reservation.unused, ...monthly];
  const billed = [...charges, ...fees, ...plan.unused, ...reservation.unused].reduce(
    (sum, charge) => sum + BigInt(charge.billed),
    0n,
  );
  const supportFee = Number((billed * BigInt(SUPPORT_PERCENT)) / 100n);
  const supportTax = Math.trunc((supportFee * VALUE_ADDED_TAX_PERCENT) / 100);
  return [
    ...others,
    wholeMonth(central.support, period, supportFee),
    wholeMonth(central.supportTax, period, supportTax),
  ];
}

/** A commitment is the same every day of the month; what a day does not use of it is a charge of its own. */
function commitmentCharges(
  charges: readonly Charge[],
  id: string,
  unusedLine: Line,
  calendar: Calendar,
): { days: { day: Day; committed: number }[]; unused: Charge[] } {
  const used = new Map<Day, number>();
  for (const { line, start, effective } of charges)
    if (line.commitment?.id === id) used.set(start, (used.get(start) ?? 0) + effective);
  const highest = Math.max(0, ...used.values());
  const full = Math.ceil((highest * (100 + COMMITTED_ABOVE_USE_PERCENT)) / 100);
  const days = [...used.keys()].map((day) => ({
    day,
    committed: Math.max(used.get(day) ?? 0, Math.round((full * dayFactors(calendar, day).partial) / 10_000)),
  }));
  const unused = days.map(({ day, committed }) =>
    amountCharge(unusedLine, day, 1, { billed: 0, effective: committed - (used.get(day) ?? 0) }),
  );
  return { days, unused };
}

function wholeMonth(line: Line, period: BillingPeriod, amount: number): Charge {
  const range = rangeOf(period);
  return amountCharge(line, range.from, daysIn(range), { billed: amount, effective: amount });
}

/** A charge without a quantity: its list and contracted cost are what it is billed at, or worth. */
function amountCharge(
  line: Line,
  start: Day,
  days: number,
  { billed, effective }: { billed: number; effective: number },
): Charge {
  const amount = assertExact(billed === 0 ? effective : billed);
  return {
    line,
    start,
    days,
    quantity: null,
    billed: assertExact(billed),
    effective: assertExact(effective),
    list: amount,
    contracted: amount,
  };
}

function scaled(amount: number, scale: number): number {
  return Math.round(amount * scale);
}
