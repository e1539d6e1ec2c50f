import { RULES, hourInstant, type History } from "#demo/prove/as-of/history.ts";
import { heldSince, type Series, type Slot } from "#demo/prove/as-of/oracle.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";

const DAY_HOURS = 24;

/** What the oracle knows of a series at an hour. */
function slotAt({ oracle }: History, series: Series, at: number): Slot | null {
  return oracle.lineAt(series, at)?.[at] ?? null;
}

function kindOf(history: History, series: Series, { at, slot }: { at: number; slot: Slot }): keyof PostureCounts {
  if (history.oracle.isGap(series.part, at)) return "notEvaluated";
  if (slot.verdict === "not_applicable") return "notApplicable";
  return isWaived(history, series, { at, slot }) ? "waived" : slot.verdict;
}

function isWaived({ waivers }: History, { rule }: Series, { at, slot }: { at: number; slot: Slot }): boolean {
  return (
    slot.verdict === "fail" &&
    waivers.some((one) => one.rule === rule && (one.team ?? slot.team) === slot.team && one.from <= at && one.to > at)
  );
}

function noCounts(): PostureCounts {
  return { pass: 0, fail: 0, waived: 0, unknown: 0, notApplicable: 0, notEvaluated: 0 };
}

/** Counts by "control team: " in the order in which the product shows them, and of everything last. */
export function expectedCounts(history: History, at: number, onlyTeam: string | null): [string, PostureCounts][] {
  const cells = new Map<string, PostureCounts>();
  const total = noCounts();
  for (const series of history.oracle.series.values()) {
    const slot = slotAt(history, series, at);
    if (!slot || (onlyTeam !== null && slot.team !== onlyTeam)) continue;
    const kind = kindOf(history, series, { at, slot });
    total[kind] += 1;
    const rule = RULES.indexOf(series.rule);
    // The first rule speaks for every control.
    for (const control of rule === 0 ? RULES.keys() : [rule]) {
      const name = `${control + 1} ${slot.team}: `;
      const counts = cells.get(name) ?? noCounts();
      counts[kind] += 1;
      cells.set(name, counts);
    }
  }
  const order = (name: string) => `${name[0] ?? ""} ${name.slice(2).startsWith(":") ? "~" : name.slice(2)}`;
  const sorted = [...cells].toSorted(([one], [other]) => (order(one) < order(other) ? -1 : 1));
  return [...sorted, ["", total]];
}

/** The total at the end of each UTC day, at the hour itself for the last. The last whole hour of a day is like its end. */
export function expectedTrend(history: History, at: number, days: number): [string, PostureCounts][] {
  const midnight = at - ((hourInstant(at).getTime() / 3_600_000) % DAY_HOURS);
  return Array.from({ length: days }, (_, index): [string, PostureCounts] => {
    const start = midnight - (days - 1 - index) * DAY_HOURS;
    const end = Math.min(at, start + DAY_HOURS - 1);
    const counts = expectedCounts(history, end, null).at(-1)?.[1] ?? noCounts();
    return [hourInstant(start).toISOString().slice(0, 10), counts];
  });
}

export function expectedRows(history: History, at: number): string[] {
  return [...history.oracle.series.values()].flatMap((series) => {
    const line = history.oracle.lineAt(series, at);
    const slot = line?.[at];
    if (!line || !slot) return [];
    const since = hourInstant(heldSince(line, at)).toISOString();
    const waived = isWaived(history, series, { at, slot }) ? "waived" : "";
    return [`${textOf(series, slot)} since ${since} ${waived} ${history.oracle.isGap(series.part, at) ? "gap" : ""}`];
  });
}

/** What was so over `[from, to)`, by what was known at `to`: pieces of time in which also what it counts as was one. */
export function expectedPeriod(history: History, from: number, to: number): string[] {
  return [...history.oracle.series.values()].flatMap((series) => {
    const line = history.oracle.lineAt(series, to);
    const pieces: { text: string; kind: string; from: number; to: number }[] = [];
    for (let hour = from; line && hour < to; hour += 1) {
      const slot = line[hour];
      const last = pieces.at(-1);
      if (!slot) continue;
      const text = textOf(series, slot);
      const kind = kindOf(history, series, { at: hour, slot });
      if (last && last.text === text && last.kind === kind && last.to === hour) last.to = hour + 1;
      else pieces.push({ text, kind, from: hour, to: hour + 1 });
    }
    // What is still so at the end has no end yet.
    const goesOn = (piece: { text: string; to: number }) => {
      const next = line?.[to];
      return piece.to === to && next !== null && next !== undefined && textOf(series, next) === piece.text;
    };
    return pieces.map((piece) => {
      const end = goesOn(piece) ? "" : hourInstant(piece.to).toISOString();
      return `${piece.text} ${piece.kind} ${hourInstant(piece.from).toISOString()} ${end}`;
    });
  });
}

/** Hours of one series over a period, of those in which it was of the team; `notLooked` those before the first look that it says nothing of. */
type Hours = { isApplicable: boolean; failed: number[]; unknown: number[]; notLooked: number[] };

/** What each control was over `[from, to)`, by what was known at `to`, of everything or of one team: answer, days and checks. */
export function expectedAnswers(
  history: History,
  { from, to }: { from: number; to: number },
  team: string | null,
): string[] {
  const all = [...history.oracle.series.values()].map((series) => ({
    rule: RULES.indexOf(series.rule),
    ...hoursOf(history, series, { from, to, team }),
  }));
  const days = (hours: readonly number[]) =>
    new Set(hours.map((hour) => hourInstant(hour).toISOString().slice(0, 10))).size;
  return RULES.map((_, index) => {
    // The first rule speaks for every control.
    const own = all.filter(({ rule, isApplicable }) => isApplicable && (rule === index || rule === 0));
    const failedDays = days(own.flatMap(({ failed }) => failed));
    const unknownDays = days(own.flatMap(({ unknown, notLooked }) => [...unknown, ...notLooked]));
    const failed = own.filter((one) => one.failed.length > 0).length;
    const notKnown = own.filter(
      (one) => one.failed.length === 0 && one.unknown.length + one.notLooked.length > 0,
    ).length;
    const answer =
      own.length === 0 ? "not-evaluated" : failedDays > 0 ? "failed" : unknownDays > 0 ? "not-known" : "all-the-time";
    return `${index + 1} ${answer} ${failedDays} ${unknownDays} of ${own.length} ${failed} ${notKnown}`;
  });
}

function hoursOf(
  history: History,
  series: Series,
  { from, to, team }: { from: number; to: number; team: string | null },
): Hours {
  const { oracle } = history;
  const line = oracle.lineAt(series, to);
  const hours: Hours = { isApplicable: false, failed: [], unknown: [], notLooked: [] };
  const told = new Set<number>();
  for (let hour = from; line && hour < to; hour += 1) {
    const slot = line[hour];
    if (!slot || (team !== null && slot.team !== team)) continue;
    for (let back = heldSince(line, hour); back <= hour; back += 1) told.add(back);
    if (slot.verdict === "not_applicable") continue;
    hours.isApplicable = true;
    if (slot.verdict === "unknown" || oracle.isGap(series.part, hour)) hours.unknown.push(hour);
    else if (slot.verdict === "fail") hours.failed.push(hour);
  }
  const first = Math.min(to, oracle.looks.get(series.part)?.[0]?.at ?? to);
  for (let hour = from; hour < first; hour += 1) if (!told.has(hour)) hours.notLooked.push(hour);
  return hours;
}

function textOf({ part, rule, resource }: Series, { verdict, note, team }: Slot): string {
  return `${part} ${rule} ${resource} ${verdict} ${note ?? ""} ${team}`;
}
