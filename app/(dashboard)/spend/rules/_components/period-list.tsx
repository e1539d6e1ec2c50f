"use client";

import { formatAmount, formatExact, formatInstant, formatPeriod } from "#lib/domain/format.ts";
import type { PeriodView } from "#lib/services/periods/period-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useSetPeriod } from "#app/_queries/rules.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";

/** Billing periods, open or closed. A closed one keeps its allocation whatever the rules become. */
export function PeriodList({
  periods,
  canClose,
  onStarted,
}: {
  periods: PeriodView[];
  canClose: boolean;
  onStarted: (runIds: string[]) => void;
}) {
  const set = useSetPeriod();
  if (periods.length === 0) return <EmptyState title="No cost is loaded yet." />;
  return (
    <div className="space-y-3">
      {set.error === null ? null : <ErrorState error={errorViewOf(set.error)} />}
      <div className="relative overflow-x-auto" role="region" aria-label="Billing periods" tabIndex={0}>
        <table className="w-full" data-rows="many">
          <caption className="sr-only">Billing periods, newest first</caption>
          <thead className="border-b border-line-strong text-xs text-soft">
            <tr>
              <th scope="col" className="h-8 text-left font-medium">
                Period
              </th>
              <th scope="col" className="text-left font-medium">
                State
              </th>
              <th scope="col" className="text-right font-medium">
                Billed
              </th>
              <th scope="col" className="pl-4 text-right font-medium">
                Unallocated
              </th>
              <th scope="col" className="pl-4 text-right font-medium">
                Has an owner, %
              </th>
              {canClose ? (
                <th scope="col" className="w-28 print:hidden">
                  <span className="sr-only">Change</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {periods.map((period) => (
              <tr key={period.period} className="border-b border-line align-top">
                <th scope="row" className="py-1.5 text-left font-medium whitespace-nowrap">
                  {formatPeriod(period.period)}
                </th>
                <td className="py-1.5">
                  {period.state === "open" ? "Open" : "Closed"}
                  {period.closedAt === null ? null : (
                    <span className="block text-xs text-soft">
                      by {period.closedBy}, {formatInstant(period.closedAt)}
                    </span>
                  )}
                </td>
                <Amounts period={period} field="billed" />
                <Amounts period={period} field="unallocated" />
                <td className="py-1.5 pl-4 text-right">
                  {period.totals.map((total) => (
                    <span key={total.currency} className="block">
                      {total.coveragePercent ?? "–"}
                    </span>
                  ))}
                </td>
                {canClose ? (
                  <td className="py-1 text-right print:hidden">
                    <Button
                      size="small"
                      disabled={set.isPending}
                      aria-label={`${period.state === "open" ? "Close" : "Reopen"} ${formatPeriod(period.period)}`}
                      onClick={() =>
                        set.mutate(
                          { period: period.period, verb: period.state === "open" ? "close" : "reopen" },
                          { onSuccess: ({ runIds }) => onStarted(runIds ?? []) },
                        )
                      }
                    >
                      {period.state === "open" ? "Close" : "Reopen"}
                    </Button>
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Amounts({ period, field }: { period: PeriodView; field: "billed" | "unallocated" }) {
  return (
    <td className="py-1.5 pl-4 text-right whitespace-nowrap">
      {period.totals.map((total) => (
        <span key={total.currency} className="block" title={formatExact(total[field], total.currency)}>
          {formatAmount(total[field], total.currency)} <span className="text-xs text-soft">{total.currency}</span>
        </span>
      ))}
    </td>
  );
}
