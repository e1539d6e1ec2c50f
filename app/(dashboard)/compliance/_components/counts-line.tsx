import { formatCount } from "#lib/domain/format.ts";
import type { PostureCounts } from "#lib/services/posture/posture-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Mark } from "#app/(dashboard)/compliance/_components/mark.tsx";
import {
  COUNT_KINDS,
  COUNT_LABELS,
  COUNT_MARKS,
  COUNT_MEANINGS,
  passShare,
  populationOf,
  type CountKind,
} from "#app/(dashboard)/compliance/compliance-words.ts";

const FILLS: Record<CountKind, string> = {
  fail: "bg-wrong",
  waived: "waived-fill",
  unknown: "bg-warn",
  notEvaluated: "hatch",
  pass: "bg-part-direct",
  notApplicable: "bg-part-idle",
};

/** Every evaluation is in one of six, and the six are the population: none is left out for being unknown. */
export function CountsLine({ counts, what = "evaluations" }: { counts: PostureCounts; what?: string }) {
  const population = populationOf(counts);
  const share = passShare(counts);
  return (
    <section aria-label="Totals">
      <p className="mb-1.5 flex flex-wrap items-baseline gap-x-3 text-xs text-soft">
        <span>
          <span className="font-medium text-ink tabular-nums">{formatCount(population)}</span> {what}, each one rule on
          one resource
        </span>
        {share === null ? null : (
          <span>
            <span className="font-medium text-ink tabular-nums">{share}</span> known to pass
          </span>
        )}
      </p>
      <CountsBar counts={counts} className="h-3" />
      <dl className="mt-2 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 xl:grid-cols-6">
        {COUNT_KINDS.map((kind) => (
          <div key={kind} title={COUNT_MEANINGS[kind]}>
            <dt className="flex items-center gap-1.5 text-xs text-soft">
              <Mark mark={COUNT_MARKS[kind]} /> {COUNT_LABELS[kind]}
            </dt>
            <dd
              className={classNames(
                "text-xl font-semibold tracking-tight tabular-nums",
                counts[kind] === 0 && "font-normal text-soft",
              )}
            >
              {formatCount(counts[kind])}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The six as parts of one bar. A part that is not nothing is at least a hair wide. */
export function CountsBar({ counts, className }: { counts: PostureCounts; className?: string }) {
  const shown = COUNT_KINDS.filter((kind) => counts[kind] > 0);
  return (
    <div aria-hidden className={classNames("flex gap-px overflow-hidden rounded-sm bg-sunk", className)}>
      {shown.map((kind) => (
        <span
          key={kind}
          className={FILLS[kind]}
          style={{ flexGrow: counts[kind], flexBasis: 0, minWidth: 2 }}
          title={`${COUNT_LABELS[kind]}: ${formatCount(counts[kind])}`}
        />
      ))}
    </div>
  );
}
