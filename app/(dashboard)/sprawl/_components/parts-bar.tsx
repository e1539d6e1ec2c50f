import { Check, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { sharePercent } from "#lib/domain/change.ts";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import { decimal, sum, type Amount } from "#lib/domain/money.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

export type BarPart = { key: string; label: string; amount: Amount; paint: string; href?: string };

type PartsBarProps = {
  label: string;
  parts: readonly BarPart[];
  currency: string;
  total: Amount;
  totalWord: string;
  /** What the provider billed, summed by another way; none = there is nothing to compare with. */
  control?: { total: Amount; difference: Amount };
};

/** The bar that adds up, for what a cluster or a namespace cost: the parts, their sum, and whether that is the provider's bill. */
export function PartsBar({ label, parts, currency, total, totalWord, control }: PartsBarProps) {
  const sizes = parts.map(({ amount }) => decimal(amount).abs());
  const whole = sum(sizes);
  const shown = parts.filter(({ amount }) => !decimal(amount).isZero());
  return (
    <div role="group" aria-label={label}>
      <div className="flex h-5 w-full gap-px overflow-clip rounded-sm bg-surface">
        {whole.isZero()
          ? null
          : parts.map((part, index) => {
              const size = sizes[index] ?? decimal(0);
              if (size.isZero()) return null;
              const share = sharePercent(part.amount, total);
              const words = `${part.label}: ${formatExact(part.amount, currency)} ${currency}${share === null ? "" : ` (${share} %)`}`;
              const width = `${size.dividedBy(whole).times(100).toFixed(4)}%`;
              return (
                <span
                  key={part.key}
                  title={words}
                  style={{ width }}
                  className={classNames("block h-full min-w-0.5", part.paint)}
                />
              );
            })}
      </div>
      <p className="mt-2 flex flex-wrap items-baseline gap-x-3 gap-y-1">
        {shown.map((part, index) => (
          <span key={part.key} className="inline-flex items-baseline gap-1.5 whitespace-nowrap">
            {index === 0 ? null : <span className="pr-1.5 text-soft">+</span>}
            <span aria-hidden className={classNames("size-2.5 self-center rounded-sm", part.paint)} />
            <span className="text-soft">{part.label}</span>
            <PartAmount part={part} currency={currency} />
          </span>
        ))}
        <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
          {shown.length === 0 ? null : <span className="pr-1.5 text-soft">=</span>}
          <span className="font-semibold whitespace-nowrap" title={formatExact(total, currency)}>
            {formatAmount(total, currency)} {currency}
          </span>
          <span className="text-soft">{totalWord}</span>
          {control === undefined ? null : <Agreement {...control} currency={currency} />}
        </span>
      </p>
    </div>
  );
}

function PartAmount({ part, currency }: { part: BarPart; currency: string }) {
  const amount = <span title={formatExact(part.amount, currency)}>{formatAmount(part.amount, currency)}</span>;
  if (part.href === undefined) return amount;
  return (
    <Link href={part.href} prefetch={false} scroll={false} className="way-down">
      {amount}
    </Link>
  );
}

function Agreement({ total, difference, currency }: { total: Amount; difference: Amount; currency: string }) {
  if (decimal(difference).isZero())
    return (
      <span
        className="inline-flex items-center gap-1 self-center text-xs text-soft"
        title={`What the provider billed: ${formatExact(total, currency)} ${currency}`}
      >
        <Check size={14} aria-hidden className="text-accent" /> agrees with the provider to the last decimal
      </span>
    );
  return (
    <span className="inline-flex items-center gap-1 self-center text-xs font-medium text-wrong">
      <TriangleAlert size={14} aria-hidden /> differs from the provider&apos;s {formatExact(total, currency)} by{" "}
      {formatExact(difference, currency)}
    </span>
  );
}
