import { decimal } from "#lib/domain/money.ts";
import { formatAmount, formatCount, formatDay, formatExact, formatPeriod } from "#lib/domain/format.ts";
import { rangeOf } from "#lib/domain/period.ts";
import type { ApiBillSource } from "#lib/services/api/api-bill-view.ts";
import { recentBillRange } from "#lib/services/api/bill-range.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { TrendChart } from "#app/_components/charts/trend-chart.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { ApiBillTable } from "#app/(dashboard)/sources/_panels/api-bill-table.tsx";

/** What the requests of each source cost, against its cap. Nothing at all where no source asks an API that has a price. */
export async function ApiBillPanel({ context, only }: { context: ServiceContext; only: string | null }) {
  const answer = await attempt(() => listApiBill(context, recentBillRange(context.now)));
  if (answer.error !== null) {
    // Who may not see sources at all has read so above.
    return answer.error.code === "forbidden" ? null : (
      <div className="mt-8">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const sources = answer.value.sources.filter(({ sourceKey }) => only === null || sourceKey === only);
  if (!sources.some(({ isPriced }) => isPriced)) return null;
  return (
    <section id="api-bill" aria-labelledby="title-api-bill" className="mt-10">
      <header className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line-strong pb-1">
        <h2 id="title-api-bill" className="text-base">
          What the APIs cost
        </h2>
        <p className="text-xs text-soft">
          Since {formatDay(answer.value.from)}, in USD. Counted before each request is made; days and months are UTC.
        </p>
      </header>
      <div className="mt-3 space-y-6">
        {sources.map((source) => (
          <SourceBill key={source.sourceKey} source={source} />
        ))}
      </div>
    </section>
  );
}

function SourceBill({ source }: { source: ApiBillSource }) {
  return (
    <section aria-label={`API requests of ${source.title}`}>
      <h3 className="font-medium">
        {source.title}
        {source.removed ? <span className="font-normal text-soft"> · no longer configured</span> : null}
      </h3>
      <ThisMonth source={source} />
      {source.trend.series.length === 0 ? null : (
        <div className="mt-3 max-w-3xl">
          <TrendChart
            title={`Price of the requests of ${source.title} by day and operation`}
            trend={source.trend}
            currency="USD"
            granularity="day"
            comparisonLabel={null}
          />
        </div>
      )}
      {source.operations.length === 0 ? null : <ApiBillTable source={source} />}
    </section>
  );
}

/** This month's requests and price in words, and the cap as a bar. */
function ThisMonth({ source }: { source: ApiBillSource }) {
  const { thisMonth, capUsd } = source;
  const { period, requests, throttled, priceUsd } = thisMonth;
  return (
    <div className="mt-1">
      <p className="flex flex-wrap gap-x-3">
        <span>{formatPeriod(period)} so far:</span>
        <span>
          {formatCount(requests)} {requests === 1 ? "request" : "requests"}
          {throttled === 0 ? null : <span className="text-soft">, {formatCount(throttled)} throttled</span>}
        </span>
        <span title={`${formatExact(priceUsd, "USD")} USD`}>
          {source.isPriced ? `${formatAmount(priceUsd, "USD")} USD` : "free of charge"}
          {capUsd === null ? null : (
            <span className="text-soft">
              {" "}
              of {formatAmount(capUsd, "USD")}
              {thisMonth.usedPercent === null ? null : ` (${thisMonth.usedPercent} %)`}
            </span>
          )}
        </span>
        {source.isPriced && capUsd === null && !source.removed ? (
          <span className="text-soft">no monthly cap</span>
        ) : null}
      </p>
      {capUsd === null ? null : <CapBar source={source} capUsd={capUsd} />}
      {thisMonth.isCapReached ? (
        <p className="mt-1 font-medium text-wrong">
          The monthly cap is reached: nothing that has a price is asked until {formatDay(rangeOf(period).to)}, unless
          monthlyCapUsd is raised.
        </p>
      ) : null}
    </div>
  );
}

function CapBar({ source, capUsd }: { source: ApiBillSource; capUsd: string }) {
  const { priceUsd, isCapReached } = source.thisMonth;
  const percent = isCapReached ? "100" : decimal(priceUsd).dividedBy(capUsd).times(100).toFixed(2);
  return (
    <div
      role="meter"
      aria-label={`Monthly cap of ${source.title}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Number(percent))}
      aria-valuetext={`${formatExact(priceUsd, "USD")} of ${formatExact(capUsd, "USD")} USD spent`}
      className="mt-1 h-2 max-w-xl overflow-clip rounded-sm bg-hover"
    >
      <div className={classNames("h-full", isCapReached ? "bg-wrong" : "bg-accent")} style={{ width: `${percent}%` }} />
    </div>
  );
}
