import type { HeatMark } from "#lib/charts/heat-map.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

/** Shapes that stay apart without colour: a cross, a crossed-out one, a question mark, hatching, a tick, a dash. */
const PATHS: Partial<Record<HeatMark, string>> = {
  fail: "M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5",
  waived: "M2.5 9.5 9.5 2.5M1 6a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
  unknown: "M4 4.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M6 9.4v.3",
  pass: "M2 6.5 4.8 9.2 10 3",
  "not-applicable": "M3 6h6",
};

const COLOURS: Record<HeatMark, string> = {
  fail: "text-wrong",
  waived: "text-wrong",
  unknown: "text-warn",
  "not-evaluated": "text-warn",
  pass: "text-accent",
  "not-applicable": "text-soft",
  none: "text-soft",
};

/** The shapes once for a page; marks point at them, which keeps a map of thousands small. */
export function MarkShapes() {
  return (
    <svg aria-hidden className="absolute size-0" focusable="false">
      {Object.entries(PATHS).map(([mark, path]) => (
        <symbol key={mark} id={`mark-${mark}`} viewBox="0 0 12 12">
          <path d={path} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </symbol>
      ))}
    </svg>
  );
}

/** The mark of a verdict; what it means stands beside it in words. */
export function Mark({ mark }: { mark: HeatMark }) {
  if (mark === "not-evaluated")
    return <span aria-hidden className="hatch inline-block size-3 shrink-0 rounded-sm align-[-1px]" />;
  const path = PATHS[mark];
  if (path === undefined) return null;
  return (
    <svg aria-hidden viewBox="0 0 12 12" className={classNames("inline size-3 shrink-0 align-[-1px]", COLOURS[mark])}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  );
}
