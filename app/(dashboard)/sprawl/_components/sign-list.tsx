import { Activity, CircleDashed, Minus, Moon } from "lucide-react";
import { formatInstant } from "#lib/domain/format.ts";
import type { UnusedRow } from "#lib/services/sprawl/sprawl-view.ts";
import { readable } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

const READINGS: Record<UnusedRow["signs"][number]["reading"], { word: string; Icon: typeof Moon; isStrong: boolean }> =
  {
    "shows-use": { word: "Shows use", Icon: Activity, isStrong: true },
    quiet: { word: "Quiet", Icon: Moon, isStrong: false },
    unknown: { word: "Not known", Icon: CircleDashed, isStrong: true },
    skipped: { word: "Not collected", Icon: Minus, isStrong: false },
  };

/** Every sign that was looked at, with what it says. */
export function SignList({ signs }: { signs: UnusedRow["signs"] }) {
  return (
    <ul aria-label="Signs" className="divide-y divide-line border-y border-line">
      {signs.map(({ sign, reading, reason, lastUse }) => {
        const { word, Icon, isStrong } = READINGS[reading];
        return (
          <li key={sign} className="grid grid-cols-[1rem_6.5rem_1fr] items-baseline gap-x-2 py-1">
            <Icon size={14} aria-hidden className={classNames("self-center", isStrong ? "text-accent" : "text-soft")} />
            <span className={isStrong ? "font-medium" : "text-soft"}>{word}</span>
            <span className="min-w-0 break-words">
              {readable(reason)}
              {lastUse === null || reason.includes(lastUse) ? null : (
                <span className="text-xs text-soft"> Last at {formatInstant(lastUse)}.</span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What speaks against removing it, however quiet it is. */
export function VetoList({ vetoes }: { vetoes: UnusedRow["vetoes"] }) {
  if (vetoes.length === 0) return null;
  return (
    <div>
      <h3 className="text-xs font-medium text-soft">What speaks against removing it</h3>
      <ul>
        {vetoes.map(({ kind, reason }) => (
          <li key={`${kind} ${reason}`}>{readable(reason)}</li>
        ))}
      </ul>
    </div>
  );
}
