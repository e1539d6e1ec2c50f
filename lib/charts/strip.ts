/** What held over a part of a strip. */
export type StripMark = "pass" | "fail" | "waived" | "unknown" | "not-applicable" | "gap";

export type StripSpan = { from: number; to: number; mark: StripMark };

/** A drawn part, in percent of the strip's width. */
export type StripPart = { left: number; width: number; mark: StripMark };

/** What is shorter than this share of the strip is still drawn as wide, so that an hour of failure in a year is seen. */
const LEAST_PERCENT = 0.4;

/** Parts of a strip over `[from, to)` in milliseconds, later ones over earlier ones. What nothing was said of stays empty. */
export function toStrip(spans: readonly StripSpan[], from: number, to: number): StripPart[] {
  const length = to - from;
  if (length <= 0) return [];
  return spans
    .map((span) => ({ mark: span.mark, start: Math.max(span.from, from), end: Math.min(span.to, to) }))
    .filter(({ start, end }) => start < end)
    .map(({ mark, start, end }) => {
      const width = Math.max(((end - start) / length) * 100, LEAST_PERCENT);
      return { mark, left: Math.min(((start - from) / length) * 100, 100 - width), width };
    });
}
