import { addDays, type Day, rangeOf } from "#lib/domain/period.ts";
import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import type { LineBook, Place } from "#demo/estate/line-book.ts";
import type { Line } from "#demo/estate/line.ts";
import type { LineStretch, Stream } from "#demo/estate/streams.ts";
import { type ServiceOffer, SPECIAL_OFFERS } from "#demo/estate/services.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";

/** Accounts in which something was planted, by name. */
export const PLANTED_ACCOUNTS = {
  anomaly: "fraud-detection-prod",
  laterDiscount: "policy-core-prod",
  lateUsage: "claims-analytics-prod",
  doubled: "broker-portal-prod",
  retagged: "life-prod",
} as const;
/** The team whose tag is found only in the second delivery. */
export const RETAGGED_TO_TEAM = "annuities";
export const ANOMALY_FACTOR = 6;
/** The restated month's database price, in percent of the first delivery's. */
const LATER_DISCOUNT_PERCENT = 90;
const LATE_USAGE_DAYS = 3;

/** The resources behind the planted events; they are there at any scale. Quantities are 10^-4 units a day. */
export function plantedStreams(accounts: readonly CloudAccount[], calendar: Calendar, book: LineBook): Stream[] {
  const restated = rangeOf(calendar.restatedPeriod);
  const at = (name: string): CloudAccount => {
    const account = accounts.find((candidate) => candidate.name === name);
    if (!account) throw new RangeError(`There is no account ${name}.`);
    return account;
  };
  const stream = (
    account: CloudAccount,
    offer: ServiceOffer,
    dailyQuantity: number,
    stretches: LineStretch[],
    surge: Stream["surge"] = null,
  ): Stream => ({
    account,
    offer,
    dailyQuantity,
    noiseSeed: account.name.length * 7_919 + offer.code.length,
    stretches,
    surge,
  });
  const both = (line: Line): LineStretch => ({ from: null, to: null, version: null, line });
  const within = (version: 1 | 2, line: Line, from: Day = restated.from): LineStretch => ({
    from,
    to: restated.to,
    version,
    line,
  });

  const surging = at(PLANTED_ACCOUNTS.anomaly);
  const discounted = at(PLANTED_ACCOUNTS.laterDiscount);
  const late = at(PLANTED_ACCOUNTS.lateUsage);
  const doubled = at(PLANTED_ACCOUNTS.doubled);
  const retagged = at(PLANTED_ACCOUNTS.retagged);

  const fullPrice = usageOf(book, discounted, SPECIAL_OFFERS.database, "core-ledger");
  const lower = Math.round((fullPrice.contractedMicros * LATER_DISCOUNT_PERCENT) / 100);
  const lowPrice = usageOf(book, discounted, SPECIAL_OFFERS.database, "core-ledger", {
    change: { contractedMicros: lower, effectiveMicros: lower },
  });
  const untagged = usageOf(book, retagged, SPECIAL_OFFERS.table, "annuity-quotes", {
    tags: {},
    owner: { kind: "nobody" },
  });
  const tagged = usageOf(book, retagged, SPECIAL_OFFERS.table, "annuity-quotes", {
    tags: { team: RETAGGED_TO_TEAM },
    owner: { kind: "team", team: RETAGGED_TO_TEAM },
  });
  return [
    stream(
      surging,
      SPECIAL_OFFERS.sageMaker,
      1_450_000,
      [both(usageOf(book, surging, SPECIAL_OFFERS.sageMaker, "scoring-training"))],
      { ...calendar.anomaly, factor: ANOMALY_FACTOR },
    ),
    stream(discounted, SPECIAL_OFFERS.database, 960_000, [within(2, lowPrice), both(fullPrice)]),
    stream(late, SPECIAL_OFFERS.athena, 310_000, [
      within(2, usageOf(book, late, SPECIAL_OFFERS.athena, "loss-ratio"), addDays(restated.to, -LATE_USAGE_DAYS)),
    ]),
    stream(doubled, SPECIAL_OFFERS.transfer, 8_000_000, [
      both(usageOf(book, doubled, SPECIAL_OFFERS.transfer, "broker-gateway")),
    ]),
    stream(doubled, SPECIAL_OFFERS.transfer, 8_000_000, [
      within(1, usageOf(book, doubled, SPECIAL_OFFERS.transfer, "broker-gateway")),
    ]),
    stream(retagged, SPECIAL_OFFERS.table, 3_200_000, [
      within(2, tagged),
      { from: null, to: restated.to, version: null, line: untagged },
      both(tagged),
    ]),
  ];
}

function usageOf(
  book: LineBook,
  account: CloudAccount,
  offer: ServiceOffer,
  name: string,
  rest: { tags?: Record<string, string>; owner?: PlantedOwner; change?: Partial<Line> } = {},
): Line {
  const team = account.team ?? "";
  const place: Place = {
    regionId: "eu-central-1",
    regionName: "Europe (Frankfurt)",
    availabilityZone: null,
    resourceName: name,
    resourceId: `arn:aws:${offer.code.split("-")[0]}:eu-central-1:${account.id}:${offer.resourceType.toLowerCase().replaceAll(" ", "-")}/${name}`,
  };
  const owner: PlantedOwner = { kind: "team", team };
  return book.usage(
    account,
    offer,
    place,
    rest.tags ?? { team, environment: "prod", application: name },
    rest.owner ?? owner,
    rest.change,
  );
}
