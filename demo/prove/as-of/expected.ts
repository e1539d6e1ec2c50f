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

/** What was so over `[from, to)`, by what was known at `to`. */
export function expectedPeriod(history: History, from: number, to: number): string[] {
  return [...history.oracle.series.values()].flatMap((series) => {
    const line = history.oracle.lineAt(series, to);
    const pieces: { text: string; from: number; to: number }[] = [];
    for (let hour = from; line && hour < to; hour += 1) {
      const slot = line[hour];
      const last = pieces.at(-1);
      if (!slot) continue;
      const text = textOf(series, slot);
      if (last && last.text === text && last.to === hour) last.to = hour + 1;
      else pieces.push({ text, from: hour, to: hour + 1 });
    }
    // What is still so at the end has no end yet.
    const goesOn = (piece: { text: string; to: number }) => {
      const next = line?.[to];
      return piece.to === to && next !== null && next !== undefined && textOf(series, next) === piece.text;
    };
    return pieces.map((piece) => {
      const end = goesOn(piece) ? "" : hourInstant(piece.to).toISOString();
      return `${piece.text} ${hourInstant(piece.from).toISOString()} ${end}`;
    });
  });
}

function textOf({ part, rule, resource }: Series, { verdict, note, team }: Slot): string {
  return `${part} ${rule} ${resource} ${verdict} ${note ?? ""} ${team}`;
}
