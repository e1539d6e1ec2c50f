"use client";

import { Check, ChevronRight, TriangleAlert } from "lucide-react";
import { Fragment, useState, type ReactNode } from "react";
import { formatAmount, formatCount, formatExact, formatPeriod } from "#lib/domain/format.ts";
import type { Amount } from "#lib/domain/money.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import type { ComparedAmounts, ComparedMonth } from "#lib/services/sources/source-comparison-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { isZeroToTheCent } from "#app/(dashboard)/sources/_panels/source-comparison-agreement.ts";

type Basis = keyof ComparedAmounts;
type Compared = { ours: ComparedAmounts; theirs: ComparedAmounts; difference: ComparedAmounts };

/** What a narrow screen goes without. */
const SECONDARY = "hidden sm:table-cell";

type SourceComparisonTableProps = { oursTitle: string; theirsTitle: string; months: ComparedMonth[] };

/** Month by month what both sources say, and how far apart they are; a month opens to its services. */
export function SourceComparisonTable({ oursTitle, theirsTitle, months }: SourceComparisonTableProps) {
  const [basis, setBasis] = useState<Basis>("billed");
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const caption = `${oursTitle} and ${theirsTitle} by month, ${basis}`;
  const toggle = (key: string): void => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  return (
    <div className="mt-2 max-w-4xl">
      <Segmented
        label={`Basis of ${oursTitle} and ${theirsTitle}`}
        value={basis}
        options={[
          { value: "billed", label: "Billed" },
          { value: "effective", label: "Effective" },
        ]}
        onChange={setBasis}
      />
      <div className="relative mt-1 overflow-x-auto" role="region" aria-label={caption} tabIndex={0}>
        <table className="w-full border-collapse text-xs sm:text-sm">
          <caption className="sr-only">{caption}</caption>
          <thead className="text-xs text-soft">
            <tr className="border-b border-line-strong">
              {["Month", "Accounts in both", oursTitle, theirsTitle, "Difference"].map((header, index) => (
                <th
                  key={header}
                  scope="col"
                  className={classNames(
                    "h-8 px-1 font-medium first:pl-0 last:pr-0 sm:px-2",
                    index === 1 && SECONDARY,
                    index === 0 ? "text-left" : "text-right",
                  )}
                >
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {months.map((month) => {
              const key = `${month.period} ${month.currency}`;
              return (
                <Fragment key={key}>
                  <MonthRow month={month} basis={basis} isOpen={opened.has(key)} onToggle={() => toggle(key)} />
                  {opened.has(key)
                    ? month.services.map((service) => (
                        <tr key={service.serviceName} className="h-7 border-b border-line text-xs">
                          <Cell isHeader>
                            <span className="block pl-5">{service.serviceName || "No service"}</span>
                          </Cell>
                          <Cell isSecondary>{null}</Cell>
                          <AmountCells compared={service} basis={basis} currency={month.currency} />
                        </tr>
                      ))
                    : null}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

type MonthRowProps = { month: ComparedMonth; basis: Basis; isOpen: boolean; onToggle: () => void };

function MonthRow({ month, basis, isOpen, onToggle }: MonthRowProps) {
  return (
    <tr className={classNames("h-8 border-b border-line", isOpen ? "bg-sunk font-medium" : "hover:bg-sunk")}>
      <Cell isHeader isStrong={isOpen}>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          className="inline-flex min-h-6 items-center gap-1 whitespace-nowrap hover:text-accent"
        >
          <ChevronRight size={14} aria-hidden className={classNames("shrink-0", isOpen && "rotate-90")} />
          {formatPeriod(billingPeriod(month.period))} <span className="text-xs text-soft">{month.currency}</span>
        </button>
      </Cell>
      <Cell isSecondary>{formatCount(month.accounts)}</Cell>
      <AmountCells compared={month.totals} basis={basis} currency={month.currency} />
    </tr>
  );
}

function AmountCells({ compared, basis, currency }: { compared: Compared; basis: Basis; currency: string }) {
  const exact = (amount: Amount): string => `${formatExact(amount, currency)} ${currency}`;
  const { ours, theirs, difference } = compared;
  return (
    <>
      {[ours, theirs].map((side, index) => (
        <Cell key={index}>
          <span title={exact(side[basis])}>{formatAmount(side[basis], currency)}</span>
        </Cell>
      ))}
      <Cell>
        <span title={exact(difference[basis])}>
          {isZeroToTheCent(difference[basis]) ? (
            <span className="inline-flex items-center gap-1 text-soft">
              <Check size={14} aria-hidden className="text-accent" />
              <span className="sr-only sm:not-sr-only">agrees</span>
            </span>
          ) : (
            <span className="inline-flex items-center gap-1 font-medium text-warn">
              <TriangleAlert size={14} aria-hidden className="hidden sm:block" />{" "}
              {formatAmount(difference[basis], currency)}
            </span>
          )}
        </span>
      </Cell>
    </>
  );
}

type CellProps = { isHeader?: boolean; isStrong?: boolean; isSecondary?: boolean; children: ReactNode };

function Cell({ isHeader = false, isStrong = false, isSecondary = false, children }: CellProps) {
  const className = classNames("px-1 py-1 first:pl-0 last:pr-0 sm:px-2", isSecondary && SECONDARY);
  return isHeader ? (
    <th scope="row" className={classNames(className, "text-left", isStrong ? "font-medium" : "font-normal")}>
      {children}
    </th>
  ) : (
    <td className={classNames(className, "text-right whitespace-nowrap")}>{children}</td>
  );
}
