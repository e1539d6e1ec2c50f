import type { Day } from "#lib/domain/period.ts";
import { type CloudAccount, type Environment, isActive } from "#demo/estate/accounts.ts";
import { type Calendar, type DayFactors, dayFactors, dayNumber } from "#demo/estate/calendar.ts";
import { assertExact, type Charge, type Line, ONE_UNIT } from "#demo/estate/line.ts";
import { createLineBook, type LineBook } from "#demo/estate/line-book.ts";
import type { Team } from "#demo/estate/organisation.ts";
import { plantedStreams } from "#demo/estate/planted-streams.ts";
import { randomFor } from "#demo/estate/random.ts";
import { OFFERS, type ServiceOffer } from "#demo/estate/services.ts";
import { tagStretchesOf } from "#demo/estate/tagging.ts";

/** A line over a stretch of days, half-open, in one of the deliveries of a month or in both. */
export type LineStretch = { from: Day | null; to: Day | null; version: 1 | 2 | null; line: Line };

/** A resource that is charged every day that it is there. */
export type Stream = {
  account: CloudAccount;
  offer: ServiceOffer;
  /** Use of a working day at the start, in 10^-4 units. */
  dailyQuantity: number;
  /** Of the day-to-day variation. */
  noiseSeed: number;
  /** First match wins; a day without one has no charge. */
  stretches: LineStretch[];
  /** Multiplies the use within an anomaly. */
  surge: { from: Day; to: Day; factor: number } | null;
};

/** How many resources an account of a kind has, and its money relative to a team's production account in tenths. */
const ACCOUNT_SHAPES: Record<Environment, { resources: number; money: number }> = {
  prod: { resources: 13, money: 10 },
  nonprod: { resources: 8, money: 3 },
  sandbox: { resources: 5, money: 1 },
  shared: { resources: 17, money: 17 },
};
const SEVERAL_TEAMS = { resources: 2.2, money: 2.2 };
/** What a day of use costs at the start, at contracted prices, in whole units of the provider's billing currency. */
const DAILY_MONEY = { AWS: 35_000, Microsoft: 3_500, "Google Cloud": 1_900 } as const;
const AWS_COVERED_PER_MILLE = 620;

/** Everything that is charged by the day. `scale` keeps a part of the resources, and of the money. */
export function buildStreams(
  seed: string,
  accounts: readonly CloudAccount[],
  teams: readonly Team[],
  calendar: Calendar,
  scale: number,
): { streams: Stream[]; book: LineBook } {
  const book = createLineBook();
  const drafts = accounts.flatMap((account) =>
    account.organizationalUnit === "root" ? [] : draftsOf(seed, account, scale),
  );
  const weights = new Map<string, number>();
  for (const { account, weight } of drafts)
    weights.set(account.provider, (weights.get(account.provider) ?? 0) + weight);
  const streams = drafts.map((draft) => {
    const dailyMoney =
      (DAILY_MONEY[draft.account.provider] * scale * draft.weight) / (weights.get(draft.account.provider) ?? 1);
    return streamOf(seed, draft, dailyMoney, teams, calendar, book);
  });
  return { streams: [...streams, ...plantedStreams(accounts, calendar, book)], book };
}

type Draft = { account: CloudAccount; offer: ServiceOffer; index: number; weight: number };

function draftsOf(seed: string, account: CloudAccount, scale: number): Draft[] {
  const random = randomFor(seed, "resources", account.name);
  const shape = ACCOUNT_SHAPES[account.environment];
  const isOfSeveralTeams = account.team === null && account.pool === null;
  const resources = shape.resources * (isOfSeveralTeams ? SEVERAL_TEAMS.resources : 1) * scale;
  const money = shape.money * (isOfSeveralTeams ? SEVERAL_TEAMS.money : 1) * (0.5 + random.below(1_500) / 1_000);
  const offers = OFFERS.filter(
    (offer) => offer.provider === account.provider && offer.environments.includes(account.environment),
  );
  const drafts = Array.from({ length: Math.max(1, Math.round(resources)) }, (_, index) => {
    // Every offer once, then again at random: an account has a bit of everything and more of some.
    const offer = offers[(index * 7 + account.name.length) % offers.length] ?? random.pick(offers);
    return { account, offer, index, weight: (offer.weight + 0.2) * (0.4 + random.below(1_200) / 1_000) };
  });
  const sum = drafts.reduce((total, draft) => total + draft.weight, 0);
  return drafts.map((draft) => ({ ...draft, weight: (draft.weight * money) / sum }));
}

function streamOf(
  seed: string,
  draft: Draft,
  dailyMoney: number,
  teams: readonly Team[],
  calendar: Calendar,
  book: LineBook,
): Stream {
  const { account, offer, index } = draft;
  const random = randomFor(seed, "stream", account.name, offer.code, String(index));
  const present = teams.filter(({ key, stretches }) =>
    account.team === null ? stretches[0]?.businessUnit === account.businessUnit : key === account.team,
  );
  const isCovered = offer.covered !== null && account.environment === "prod" && random.perMille(AWS_COVERED_PER_MILLE);
  const coveredFrom = offer.covered === "reservation" ? calendar.reservationStarts : calendar.start;
  const place = book.placeOf(account, offer, random, index);
  const stretches = tagStretchesOf(account, present, teams, calendar, random).flatMap(
    ({ from, to, tags, owner }): LineStretch[] => {
      const standard = { version: null, line: book.usage(account, offer, place, tags, owner) } as const;
      if (!isCovered || offer.covered === null) return [{ from, to, ...standard }];
      const covered = { version: null, line: book.covered(account, offer, place, tags, owner) } as const;
      return [
        { from, to: earlier(to, coveredFrom), ...standard },
        { from: later(from, coveredFrom), to, ...covered },
      ];
    },
  );
  const price = offer.priceMicros === 0 ? 1_000_000 : offer.priceMicros;
  return {
    account,
    offer,
    // Money per day ÷ price per unit, in 10^-4 units; the rounding is the last thing that is not exact.
    dailyQuantity: Math.max(10_000, Math.round((dailyMoney * ONE_UNIT) / price)),
    noiseSeed: random.below(4_294_967_296),
    stretches: stretches.filter(({ from, to }) => from === null || to === null || from < to),
    surge: null,
  };
}

function earlier(left: Day | null, right: Day): Day {
  return left === null || right < left ? right : left;
}

function later(left: Day | null, right: Day): Day {
  return left === null || right > left ? right : left;
}

/** The charges of one day of a billing period, as delivered first or restated. */
export function chargesOfDay(streams: readonly Stream[], day: Day, version: 1 | 2, calendar: Calendar): Charge[] {
  const factors = dayFactors(calendar, day);
  const number = dayNumber(day);
  const charges: Charge[] = [];
  for (const stream of streams) {
    if (!isActive(stream.account, day)) continue;
    const line = stream.stretches.find(
      ({ from, to, version: only }) =>
        (only === null || only === version) && (from === null || from <= day) && (to === null || day < to),
    )?.line;
    if (!line) continue;
    const isSurging = stream.surge !== null && stream.surge.from <= day && day < stream.surge.to;
    charges.push(
      chargeOf(line, day, quantityOf(stream, number, factors) * (isSurging ? (stream.surge?.factor ?? 1) : 1)),
    );
  }
  return charges;
}

/** Use of one day in 10^-4 units: the base with growth, weekend, month end and a variation of ±6 %. */
export function quantityOf(stream: Stream, number: number, factors: DayFactors): number {
  const weekend = factors.weekend ? stream.offer.weekendPercent : 100;
  const monthEnd = factors.monthEnd ? stream.offer.monthEndPercent : 100;
  const noise = 9_400 + (mix(stream.noiseSeed, number) % 1_201);
  const factor =
    (factors.growth / 10_000) * (weekend / 100) * (monthEnd / 100) * (factors.partial / 10_000) * (noise / 10_000);
  return Math.round(stream.dailyQuantity * factor);
}

function mix(seed: number, number: number): number {
  let value = Math.imul(seed ^ Math.imul(number, 0x9e37_79b1), 0x85eb_ca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** 10^-4 units × 10^-6 of the currency a unit = 10^-10 of the currency. */
export function chargeOf(line: Line, start: Day, quantity: number): Charge {
  const effective = assertExact(quantity * line.effectiveMicros);
  const contracted = assertExact(quantity * line.contractedMicros);
  return {
    line,
    start,
    days: 1,
    quantity,
    billed: line.covered ? 0 : contracted,
    effective,
    list: assertExact(quantity * line.listMicros),
    contracted,
  };
}
