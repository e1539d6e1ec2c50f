import { Check, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { decimal, sum, type Amount } from "#lib/domain/money.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { sharePercent } from "#lib/domain/change.ts";
import type { BarThatAddsUp as Bar, CostKind } from "#lib/services/spend/spend-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

export type BarProps = {
  bar: Bar;
  currency: string;
  /** What the total is: "billed", "effective cost". */
  totalWord: string;
  /** Where a part filters to; none = the parts only tell. */
  links?: Partial<Record<CostKind, string>>;
  /** Without the equation below, for a row of figures. */
  isCompact?: boolean;
};

type Part = { kind: CostKind | "idle"; label: string; amount: Amount; paint: string };

/** Owners | shared | idle | unallocated, with the provider's bill at the right edge, and whether they agree to the last decimal. */
export function BarThatAddsUp({ bar, currency, totalWord, links, isCompact = false }: BarProps) {
  const parts = partsOf(bar);
  const sizes = parts.map((part) => decimal(part.amount).abs());
  const whole = sum(sizes);
  return (
    <section aria-label={`${formatAmount(bar.total, currency)} ${currency} ${totalWord}, by how it reached an owner`}>
      <div className={classNames("flex w-full gap-px overflow-clip rounded-sm bg-surface", isCompact ? "h-2" : "h-5")}>
        {whole.isZero()
          ? null
          : parts.map((part, index) => {
              const width = `${(sizes[index] ?? decimal(0)).dividedBy(whole).times(100).toFixed(4)}%`;
              return decimal(part.amount).isZero() ? null : (
                <BarPart
                  key={part.kind}
                  part={part}
                  width={width}
                  currency={currency}
                  total={bar.total}
                  href={part.kind === "idle" ? undefined : links?.[part.kind]}
                />
              );
            })}
      </div>
      {isCompact ? (
        <CompactLine bar={bar} />
      ) : (
        <Equation parts={parts} bar={bar} currency={currency} totalWord={totalWord} links={links} />
      )}
    </section>
  );
}

function partsOf(bar: Bar): Part[] {
  return [
    { kind: "direct", label: "Direct", amount: bar.direct, paint: "bg-part-direct" },
    { kind: "shared", label: "Shared", amount: bar.shared, paint: "bg-part-shared" },
    { kind: "idle", label: "Idle", amount: bar.idle, paint: "bg-part-idle" },
    { kind: "unallocated", label: "Unallocated", amount: bar.unallocated, paint: "hatch" },
  ];
}

function BarPart({
  part,
  width,
  currency,
  total,
  href,
}: {
  part: Part;
  width: string;
  currency: string;
  total: Amount;
  href?: string;
}) {
  const share = sharePercent(part.amount, total);
  const words = `${part.label}: ${formatExact(part.amount, currency)} ${currency}${share === null ? "" : ` (${share} %)`}`;
  const className = classNames("block h-full min-w-0.5", part.paint);
  if (href === undefined) return <span title={words} style={{ width }} className={className} />;
  return (
    <Link
      href={href}
      prefetch={false}
      scroll={false}
      title={words}
      aria-label={`${words}. Show only this.`}
      style={{ width }}
      className={classNames(className, "hover:opacity-80")}
    />
  );
}

/** The line that is always in sight: direct + shared + unallocated = billed. */
function Equation({
  parts,
  bar,
  currency,
  totalWord,
  links,
}: {
  parts: Part[];
  bar: Bar;
  currency: string;
  totalWord: string;
  links?: BarProps["links"];
}) {
  const shown = parts.filter((part) => part.kind !== "idle" || !decimal(part.amount).isZero());
  return (
    <p className="mt-2 flex flex-wrap items-baseline gap-x-3 gap-y-1">
      {shown.map((part, index) => {
        const href = part.kind === "idle" ? undefined : links?.[part.kind];
        const amount = <span title={formatExact(part.amount, currency)}>{formatAmount(part.amount, currency)}</span>;
        return (
          <span key={part.kind} className="inline-flex items-baseline gap-1.5 whitespace-nowrap">
            {index === 0 ? null : <span className="pr-1.5 text-soft">+</span>}
            <span aria-hidden className={classNames("size-2.5 self-center rounded-sm", part.paint)} />
            <span className="text-soft">{part.label}</span>
            {href === undefined ? (
              amount
            ) : (
              <Link href={href} prefetch={false} scroll={false} className="way-down">
                {amount}
              </Link>
            )}
          </span>
        );
      })}
      <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
        <span className="pr-1.5 text-soft">=</span>
        <span className="font-semibold whitespace-nowrap" title={formatExact(bar.total, currency)}>
          {formatAmount(bar.total, currency)} {currency}
        </span>
        <span className="text-soft">{totalWord}</span>
        <Agreement bar={bar} currency={currency} />
      </span>
      {bar.coveragePercent === null ? null : (
        <span className="whitespace-nowrap text-soft sm:ml-auto">
          <span className="text-ink">{bar.coveragePercent} %</span> has an owner
        </span>
      )}
    </p>
  );
}

/** Whether the parts are the provider's bill, to the last decimal. */
function Agreement({ bar, currency }: { bar: Bar; currency: string }) {
  if (bar.controlTotal === null || bar.difference === null) return null;
  if (decimal(bar.difference).isZero()) {
    return (
      <span
        className="inline-flex items-center gap-1 self-center text-xs text-soft"
        title={`The source's own total: ${formatExact(bar.controlTotal, currency)} ${currency}`}
      >
        <Check size={14} aria-hidden className="text-accent" /> agrees with the provider to the last decimal
      </span>
    );
  }
  return (
    <span className="inline-flex items-center gap-1 self-center text-xs font-medium text-wrong">
      <TriangleAlert size={14} aria-hidden /> differs from the provider&apos;s {formatExact(bar.controlTotal, currency)}{" "}
      by {formatExact(bar.difference, currency)}
    </span>
  );
}

function CompactLine({ bar }: { bar: Bar }) {
  const agrees = bar.difference !== null && decimal(bar.difference).isZero();
  return (
    <p className="mt-1 flex items-center gap-1 text-xs text-soft">
      {bar.coveragePercent === null ? "No cost" : `${bar.coveragePercent} % has an owner`}
      {agrees ? (
        <>
          {" · "}
          <Check size={12} aria-hidden className="text-accent" /> agrees with the bill
        </>
      ) : null}
      {bar.difference !== null && !agrees ? (
        <span className="font-medium text-wrong"> · differs from the bill by {formatExact(bar.difference)}</span>
      ) : null}
    </p>
  );
}
