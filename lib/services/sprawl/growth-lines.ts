import type { DayCount, OwnerDay } from "#lib/db/sprawl/read-growth.ts";
import { addDays, day, dayOf, eachDay, type Day, type DayRange } from "#lib/domain/period.ts";
import {
  OWNER_STRENGTHS,
  type CoverageDay,
  type GrowthLines,
  type OwnerStrength,
} from "#lib/services/sprawl/sprawl-view.ts";
import { sharePercent } from "#lib/domain/change.ts";

/** Thirteen months, so that a year ago is on the line. */
const GROWTH_DAYS = 396;

export type Span = { from: Date; to: Date | null };

/** Counts at the end of each of the last days up to `until`. Pure. */
export function growthLines(
  lives: readonly DayCount[],
  spans: { clusters: readonly Span[]; accounts: readonly Span[] },
  observedFrom: Date | null,
  until: Date,
): GrowthLines {
  const days = eachDay({ from: addDays(dayOf(until), 1 - GROWTH_DAYS), to: addDays(dayOf(until), 1) });
  const byDay = new Map(lives.map((count) => [count.day, count]));
  const first = days[0] ?? dayOf(until);
  let there = lives.filter((count) => count.day < first).reduce((sum, { came, went }) => sum + came - went, 0);
  const namespaces = days.map((one) => {
    const count = byDay.get(one);
    there += (count?.came ?? 0) - (count?.went ?? 0);
    return there;
  });
  return {
    days,
    observedFrom: observedFrom === null ? null : dayOf(observedFrom),
    namespaces,
    clusters: spanCounts(spans.clusters, days),
    accounts: spanCounts(spans.accounts, days),
    created: days.map((one) => byDay.get(one)?.came ?? 0),
    deleted: days.map((one) => byDay.get(one)?.went ?? 0),
  };
}

/** How many were there at the end of each day; null before the first of them was seen. */
function spanCounts(spans: readonly Span[], days: readonly Day[]): (number | null)[] {
  const first = spans.reduce<Day | null>((found, { from }) => earlier(found, dayOf(from)), null);
  return days.map((one) => {
    if (first === null || one < first) return null;
    return spans.filter(({ from, to }) => dayOf(from) <= one && (to === null || dayOf(to) > one)).length;
  });
}

function earlier(left: Day | null, right: Day): Day {
  return left === null || right < left ? right : left;
}

/** How many things had an owner of each strength at the end of each day, from the first answer on. Pure. */
export function coverageOverTime(changes: readonly OwnerDay[], until: Date): CoverageDay[] {
  const first = changes[0]?.day;
  if (first === undefined) return [];
  const { from, to } = coverageRange(until);
  const byDay = Map.groupBy(changes, (change) => (change.day < from ? from : change.day));
  const now = noStrengths();
  return eachDay({ from: first < from ? from : day(first), to }).map((one) => {
    for (const { strength, came, went } of byDay.get(one) ?? []) now[strength as OwnerStrength] += came - went;
    return { day: one, ...coveragePart(now) };
  });
}

/** The days that a line over time can have: thirteen months up to an instant's. */
export function coverageRange(until: Date): DayRange {
  return { from: addDays(dayOf(until), 1 - GROWTH_DAYS), to: addDays(dayOf(until), 1) };
}

/** Totals and percent of counts by strength; a contested owner is one. */
export function coveragePart(counts: Readonly<Record<OwnerStrength, number>>): {
  total: number;
  byStrength: Record<OwnerStrength, number>;
  ownedPercent: string | null;
} {
  const total = OWNER_STRENGTHS.reduce((sum, strength) => sum + counts[strength], 0);
  return {
    total,
    byStrength: { ...counts },
    ownedPercent: sharePercent(String(total - counts.none), String(total)),
  };
}

export function noStrengths(): Record<OwnerStrength, number> {
  return { explicit: 0, derived: 0, weak: 0, contested: 0, none: 0 };
}
