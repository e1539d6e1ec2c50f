import { toStrip, type StripMark, type StripSpan } from "#lib/charts/strip.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

/** Heights differ as well as colours: failures are tall, what passes is a low line. */
const LOOKS: Record<StripMark, string> = {
  pass: "top-[55%] bottom-0 bg-part-shared",
  fail: "inset-y-0 bg-wrong",
  waived: "inset-y-0 waived-fill",
  unknown: "inset-y-[25%] bg-warn",
  "not-applicable": "top-[85%] bottom-0 bg-part-idle",
  gap: "inset-y-0 hatch",
};

type StripProps = { spans: readonly StripSpan[]; from: number; to: number; label: string; className?: string };

/** What held when. Its table or its sentence says the same in words. */
export function Strip({ spans, from, to, label, className }: StripProps) {
  return (
    <div
      role="img"
      aria-label={label}
      className={classNames("relative h-5 w-full overflow-hidden rounded-sm bg-sunk", className)}
    >
      {toStrip(spans, from, to).map(({ left, width, mark }) => (
        <span
          key={`${mark} ${left}`}
          className={classNames("absolute", LOOKS[mark])}
          style={{ left: `${left.toFixed(2)}%`, width: `${width.toFixed(2)}%` }}
        />
      ))}
    </div>
  );
}

/** What the heights and colours are. */
export function StripLegend({ marks }: { marks: readonly StripMark[] }) {
  return (
    <ul aria-label="How the strips are marked" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {marks.map((mark) => (
        <li key={mark} className="flex items-center gap-1.5">
          <span aria-hidden className="relative inline-block h-3.5 w-4 overflow-hidden rounded-sm bg-sunk">
            <span className={classNames("absolute inset-x-0", LOOKS[mark])} />
          </span>
          {WORDS[mark]}
        </li>
      ))}
    </ul>
  );
}

const WORDS: Record<StripMark, string> = {
  pass: "passed",
  fail: "failed",
  waived: "failed, waived",
  unknown: "unknown",
  "not-applicable": "does not apply",
  gap: "not evaluated in time",
};
