import { formatCount } from "#lib/domain/format.ts";
import { decimal, sum, type Amount } from "#lib/domain/money.ts";
import { OWNER_STRENGTHS, type OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { STRENGTH_LABELS } from "#app/(dashboard)/sprawl/sprawl-words.ts";

/** From full to hatched: the better it is known, the more ink. */
const STRENGTH_PAINT: Record<OwnerStrength, string> = {
  explicit: "bg-part-direct",
  derived: "bg-part-direct opacity-75",
  weak: "bg-part-shared",
  contested: "bg-part-idle",
  none: "hatch",
};

type StrengthBarProps = {
  /** What is divided: "namespaces". */
  label: string;
  parts: Record<OwnerStrength, Amount | number>;
  ownedPercent: string | null;
};

/** How much has an owner, and how well that is known. */
export function StrengthBar({ label, parts, ownedPercent }: StrengthBarProps) {
  const whole = sum(OWNER_STRENGTHS.map((strength) => decimal(parts[strength])));
  return (
    <div>
      <p>
        <span className="font-semibold">{ownedPercent === null ? "–" : `${ownedPercent} %`}</span>{" "}
        <span className="text-soft">of {label}</span>
      </p>
      <div className="mt-1 flex h-2 gap-px overflow-clip rounded-sm">
        {whole.isZero()
          ? null
          : OWNER_STRENGTHS.map((strength) => {
              const part = decimal(parts[strength]);
              if (part.isZero() || part.isNegative()) return null;
              const words = `${STRENGTH_LABELS[strength]}: ${typeof parts[strength] === "number" ? formatCount(parts[strength]) : part.toFixed(2)} of ${label}`;
              const width = `${part.dividedBy(whole).times(100).toFixed(3)}%`;
              const className = classNames("block h-full min-w-0.5", STRENGTH_PAINT[strength]);
              return <span key={strength} title={words} style={{ width }} className={className} />;
            })}
      </div>
    </div>
  );
}
