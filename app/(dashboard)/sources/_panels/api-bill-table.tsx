import { Fragment } from "react";
import { formatAmount, formatCount, formatExact, formatPeriod } from "#lib/domain/format.ts";
import type { ApiBillSource, ApiCount } from "#lib/services/api/api-bill-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

const HEADERS = ["Month", "Operation", "Requests", "Throttled", "Failed", "Price, USD"];

/** By month the whole and its operations; months without a request are left out. */
export function ApiBillTable({ source }: { source: ApiBillSource }) {
  return (
    <div
      className="relative mt-2 max-w-3xl overflow-x-auto"
      role="region"
      aria-label={`API requests of ${source.title} by month and operation`}
      tabIndex={0}
    >
      <table className="w-full text-xs">
        <thead className="text-soft">
          <tr>
            {HEADERS.map((header, index) => (
              <th
                key={header}
                scope="col"
                className={classNames("h-7 pr-4 font-medium last:pr-0", index > 1 ? "text-right" : "text-left")}
              >
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {source.months
            .filter(({ requests }) => requests > 0)
            .map((month) => (
              <Fragment key={month.period}>
                <tr className="border-t border-line-strong font-medium">
                  <th scope="row" className="py-1.5 pr-4 text-left font-medium whitespace-nowrap">
                    {formatPeriod(month.period)}
                  </th>
                  <td className="py-1.5 pr-4 whitespace-nowrap">
                    All operations
                    {month.usedPercent === null ? null : (
                      <span className="font-normal text-soft"> · {month.usedPercent} % of the cap</span>
                    )}
                  </td>
                  <CountCells count={month} />
                </tr>
                {source.operations
                  .filter(({ period }) => period === month.period)
                  .map((row) => (
                    <tr key={`${row.api} ${row.operation}`} className="border-t border-line">
                      <td className="py-1.5 pr-4 whitespace-nowrap text-soft">{formatPeriod(month.period)}</td>
                      <td className="py-1.5 pr-4 whitespace-nowrap">
                        {row.operation} <span className="text-soft">{row.api}</span>
                      </td>
                      <CountCells count={row} />
                    </tr>
                  ))}
              </Fragment>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function CountCells({ count }: { count: ApiCount }) {
  return (
    <>
      {[count.requests, count.throttled, count.failed].map((value, index) => (
        <td key={index} className="py-1.5 pr-4 text-right whitespace-nowrap">
          {formatCount(value)}
        </td>
      ))}
      <td className="py-1.5 text-right whitespace-nowrap" title={`${formatExact(count.priceUsd, "USD")} USD`}>
        {formatAmount(count.priceUsd, "USD")}
      </td>
    </>
  );
}
