import type { Severity } from "#lib/domain/posture/verdict.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { SEVERITY_LABELS } from "#app/(dashboard)/compliance/compliance-words.ts";

const BARS: Record<Severity, number> = { critical: 4, high: 3, medium: 2, low: 1 };

/** How bad a failure is: bars that can be counted, and the word. */
export function SeverityMark({ severity }: { severity: Severity | null }) {
  if (severity === null) return <span className="text-soft">not told</span>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span aria-hidden className="inline-flex items-end gap-px">
        {[1, 2, 3, 4].map((bar) => (
          <span
            key={bar}
            className={classNames("w-0.75", bar <= BARS[severity] ? "bg-ink" : "bg-line-strong")}
            style={{ height: 3 + bar * 2 }}
          />
        ))}
      </span>
      {SEVERITY_LABELS[severity]}
    </span>
  );
}
