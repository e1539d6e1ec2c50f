import { CircleDashed, CircleSlash, Hourglass, Moon } from "lucide-react";
import { formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { NamespaceState } from "#lib/services/sprawl/sprawl-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { STATE_LABELS } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const ICONS = { unused: CircleSlash, asleep: Moon, unknown: CircleDashed, terminating: Hourglass };

type StateMarkProps = {
  state: NamespaceState;
  holdsData: boolean;
  quietSince: string | null;
  /** False where it is told beside the mark anyway. */
  hasSince?: boolean;
};

/** Whether it is used: a word alone where it is, otherwise a frame with a sign of its own. Nothing here is an error, so nothing is amber. */
export function StateMark({ state, holdsData, quietSince, hasSince = true }: StateMarkProps) {
  if (state === "used") return <span>{STATE_LABELS.used}</span>;
  const Icon = ICONS[state];
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-1.5 whitespace-nowrap">
      <span
        className={classNames(
          "inline-flex items-center gap-1 rounded-md border px-1 text-xs",
          state === "unknown" ? "border-dashed border-line-strong text-soft" : "border-line-strong font-medium",
        )}
      >
        <Icon size={12} aria-hidden /> {STATE_LABELS[state]}
        {state === "asleep" && holdsData ? ", holds data" : ""}
      </span>
      {quietSince === null || !hasSince ? null : (
        <span className="text-xs text-soft">since {formatDay(dayOf(new Date(quietSince)))}</span>
      )}
    </span>
  );
}
