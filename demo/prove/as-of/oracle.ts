import type { Verdict } from "#lib/domain/posture/verdict.ts";

export const HOUR_MS = 3_600_000;

/** What was so in one hour. */
export type Slot = { verdict: Verdict; note: string | null; team: string };
export type OracleItem = {
  rule: string;
  resource: string;
  verdict: Verdict;
  note: string | null;
  /** Hours of the history; null as in the source's contract. */
  from: number | null;
  to: number | null;
};

type Line = (Slot | null)[];
type Version = { recordedAt: number; line: Line };

/** One thing that is evaluated, and everything that was ever known of it. */
export type Series = { part: string; rule: string; resource: string; versions: Version[] };

/**
 * Keeps everything: of each rule and resource, at each instant at which something became known, the whole line of time, hour by hour. It
 * shares no code with the product and forgets nothing, so that any question has a plain answer.
 */
export class Oracle {
  readonly series = new Map<string, Series>();
  readonly looks = new Map<string, { at: number; goodUntil: number }[]>();
  private readonly hours: number;
  private readonly ownerOf: (resource: string) => string;

  constructor(hours: number, ownerOf: (resource: string) => string) {
    this.hours = hours;
    this.ownerOf = ownerOf;
  }

  /** A part says at an hour what is so. */
  look(
    part: string,
    at: number,
    said: { items: readonly OracleItem[]; unread: readonly string[]; goodUntil: number },
  ): void {
    const touched = new Set([...this.series].filter(([, one]) => one.part === part).map(([name]) => name));
    for (const { rule, resource } of said.items) touched.add(this.nameOf(part, rule, resource));
    for (const name of touched) {
      const series = this.series.get(name);
      if (!series) continue;
      const own = said.items.filter(({ rule, resource }) => rule === series.rule && resource === series.resource);
      this.learn(series, at, (line) =>
        this.lay(line, at, { own, unread: said.unread.includes(series.rule), ...series }),
      );
    }
    this.looks.set(part, [...(this.looks.get(part) ?? []), { at, goodUntil: said.goodUntil }]);
  }

  /** Owners have changed at an hour: what goes on goes on under the new one. */
  reassign(at: number): void {
    for (const series of this.series.values())
      this.learn(series, at, (line) => {
        const team = this.ownerOf(series.resource);
        for (let hour = at; hour < this.hours; hour += 1) {
          const slot = line[hour];
          if (slot) line[hour] = { ...slot, team };
        }
      });
  }

  /** The whole line as it was known at an hour; before the first look at its part, as that look brought it. Null = nothing was known. */
  lineAt(series: Series, known: number): Line | null {
    const first = this.looks.get(series.part)?.[0]?.at ?? Infinity;
    return series.versions.findLast(({ recordedAt }) => recordedAt <= Math.max(known, first))?.line ?? null;
  }

  isGap(part: string, at: number): boolean {
    const last = this.looks.get(part)?.findLast((look) => look.at <= at);
    return last !== undefined && last.goodUntil <= at;
  }

  private nameOf(part: string, rule: string, resource: string): string {
    const name = `${part} ${rule} ${resource}`;
    if (!this.series.has(name)) this.series.set(name, { part, rule, resource, versions: [] });
    return name;
  }

  private learn(series: Series, at: number, change: (line: Line) => void): void {
    const line = [...(series.versions.at(-1)?.line ?? Array.from({ length: this.hours }, () => null))];
    change(line);
    series.versions.push({ recordedAt: at, line });
  }

  private lay(
    line: Line,
    at: number,
    { own, unread, resource }: { own: readonly OracleItem[]; unread: boolean; resource: string },
  ): void {
    const team = this.ownerOf(resource);
    const before = line[at] ?? null;
    for (const { verdict, note, from, to } of own)
      for (let hour = from ?? at; hour < Math.min(to ?? at, at); hour += 1) {
        const was = line[hour];
        if (was?.verdict !== verdict) line[hour] = { verdict, note, team: was?.team ?? team };
      }
    const open = own.find(({ to }) => to === null);
    const tail = open
      ? { verdict: open.verdict, note: open.note, team }
      : unread && before
        ? { verdict: "unknown" as const, note: "Denied.", team: before.team }
        : null;
    for (let hour = at; hour < this.hours; hour += 1) line[hour] = tail;
  }
}

/** Since which hour a verdict has been the same without a break. */
export function heldSince(line: Line, hour: number): number {
  let first = hour;
  while (first > 0 && line[first - 1]?.verdict === line[hour]?.verdict) first -= 1;
  return first;
}
