/** Half-open stretches of time in milliseconds since 1970, ascending and apart from one another. */
export type Spans = readonly (readonly [number, number])[];

const DAY_MS = 86_400_000;

/** All time that is in any of them; stretches that touch become one. */
export function uniteSpans(all: readonly Spans[]): Spans {
  const sorted = all.flat().toSorted((a, b) => a[0] - b[0]);
  const united: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = united.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (from < to) united.push([from, to]);
  }
  return united;
}

/** The time of the first that is not in the second. */
export function subtractSpans(from: Spans, taken: Spans): Spans {
  const left: [number, number][] = [];
  for (const [start, end] of from) {
    let at = start;
    for (const [gone, back] of taken) {
      if (back <= at) continue;
      if (gone >= end) break;
      if (gone > at) left.push([at, gone]);
      at = Math.max(at, back);
    }
    if (at < end) left.push([at, end]);
  }
  return left;
}

/** UTC days that any of the time falls on: a failure of an hour spoils its day. */
export function daysTouched(spans: Spans): number {
  let count = 0;
  let counted = Number.NEGATIVE_INFINITY;
  for (const [from, to] of spans) {
    const first = Math.max(Math.floor(from / DAY_MS), counted + 1);
    const last = Math.ceil(to / DAY_MS) - 1;
    if (last < first) continue;
    count += last - first + 1;
    counted = last;
  }
  return count;
}

/** How long the longest of them lasts, in milliseconds; zero where there is none. */
export function longestSpan(spans: Spans): number {
  return spans.reduce((longest, [from, to]) => Math.max(longest, to - from), 0);
}
