import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import type { Panel } from "#lib/charts/time-panels.ts";
import {
  formatAmount,
  formatCount,
  formatDay,
  formatDayOfMonth,
  formatExact,
  formatInstant,
} from "#lib/domain/format.ts";
import { startOf, type DayRange } from "#lib/domain/period.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import type {
  ClusterBillSection,
  ClusterBillView,
  ClusterCostKind,
} from "#lib/services/cluster-bill/cluster-bill-view.ts";
import type { ClusterView } from "#lib/services/clusters/cluster-view.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { TimePanels } from "#app/_components/charts/time-panels.tsx";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { billRange, periodText } from "#app/(dashboard)/sprawl/bill-params.ts";
import { billHref, type BillState } from "#app/(dashboard)/sprawl/bill-state.ts";
import { BillQuestion } from "#app/(dashboard)/sprawl/_components/bill-question.tsx";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PartsBar } from "#app/(dashboard)/sprawl/_components/parts-bar.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { clusterHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { daysWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { BillNamespaces } from "#app/(dashboard)/sprawl/clusters/[cluster]/_components/bill-namespaces.tsx";
import { MethodPart } from "#app/(dashboard)/sprawl/clusters/[cluster]/_components/method-part.tsx";

const DAY_MS = 86_400_000;

const PARTS = {
  namespaces: { label: "Namespaces", paint: "bg-part-direct", colour: "var(--part-direct)" },
  shared: { label: "Shared", paint: "bg-part-shared", colour: "var(--part-shared)" },
  overhead: { label: "Overhead", paint: "bg-[var(--series-5)]", colour: "var(--series-5)" },
  idle: { label: "Idle", paint: "bg-part-idle", colour: "var(--part-idle)" },
  unobserved: { label: "Not observed", paint: "hatch", colour: "var(--part-hatch)" },
} as const;
const KINDS = ["namespaces", "shared", "overhead", "idle", "unobserved"] as const;

const COST_KINDS: Record<ClusterCostKind, string> = {
  "control-plane": "Control plane",
  node: "Nodes",
  volume: "Volumes",
  balancer: "Load balancers",
  traffic: "Traffic",
  other: "Other",
};

type ClusterBillPanelProps = { context: ServiceContext; view: ClusterView; state: BillState };

/** What the provider billed for the cluster, and whom it was for. */
export async function ClusterBillPanel({ context, view, state }: ClusterBillPanelProps) {
  const { key } = view.standing;
  const answer = await attempt(async () => {
    const range = billRange(state, view.costRange, context.now);
    const asOf = state.asOf === null ? null : new Date(state.asOf);
    const query = { clusterKey: key, ...range, basis: state.basis, asOf };
    return { range, bill: await readClusterBill(context, query) };
  });
  if (answer.error !== null)
    return (
      <Part id="bill" title="Its bill">
        <ErrorState error={answer.error} />
      </Part>
    );
  const { range, bill } = answer.value;
  return (
    <>
      <Part id="bill" title="Its bill" of={`${state.basis}, ${daysWords(range)}`}>
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <BillQuestion path={clusterHref(key, null)} state={state} shown={periodText(range)} />
          <BillAge bill={bill} />
        </div>
        {bill.sections.length > 0 && isAllowed(context.actor, "spend:export") && context.actor.role !== "member" ? (
          <p className="mb-4">
            <a
              href={billHref(`/api/v1/clusters/${encodeURIComponent(key)}/allocation`, state)}
              download
              className={buttonClass("plain", "small")}
            >
              Export the split as FOCUS rows
            </a>
          </p>
        ) : null}
        {bill.sections.length === 0 ? <NothingBilled clusterKey={key} accountId={view.accountId} /> : null}
        <div className="space-y-8">
          {bill.sections.map((section) => (
            <Section key={section.currency} section={section} bill={bill} range={range} />
          ))}
        </div>
      </Part>
      <MethodPart bill={bill} clusterKey={key} />
      {bill.sections.map((section) => (
        <Part
          key={section.currency}
          id={`by-namespace-${section.currency}`}
          title="By namespace"
          of={`${section.currency}, ${state.basis}`}
          isLong
        >
          <BillNamespaces section={section} clusterKey={key} asOf={state.asOf} />
        </Part>
      ))}
    </>
  );
}

function BillAge({ bill }: { bill: ClusterBillView }) {
  return (
    <p className="text-xs text-soft">
      {bill.splitAt === null ? "not split yet" : `split ${formatInstant(bill.splitAt)}`} · use observed in{" "}
      {formatCount(bill.observedHours)} of {formatCount(bill.hours)} hours
    </p>
  );
}

function NothingBilled({ clusterKey, accountId }: { clusterKey: string; accountId: string | null }) {
  return (
    <EmptyState
      title="No cost of this cluster was recognised in these days."
      action={
        <Link href="/sources" className="link">
          See what the sources have loaded
        </Link>
      }
    >
      <p>
        Cost rows are recognised by the ids of its nodes and volumes and by the tags that the provider sets.
        {accountId === null ? (
          <>
            {" "}
            Name the account that is billed for it in bursar.yaml: <code>account</code> beside{" "}
            <code>key: {clusterKey}</code>.
          </>
        ) : null}
      </p>
    </EmptyState>
  );
}

function Section({ section, bill, range }: { section: ClusterBillSection; bill: ClusterBillView; range: DayRange }) {
  const { currency, bar } = section;
  return (
    <div className="space-y-4">
      <PartsBar
        label={`Its bill, ${currency}`}
        currency={currency}
        total={bar.total}
        totalWord={bill.basis === "billed" ? "billed" : "effective cost"}
        control={{ total: bar.controlTotal, difference: bar.difference }}
        parts={KINDS.map((kind) => ({ key: kind, ...PARTS[kind], amount: bar[kind] }))}
      />
      {bar.unsplitDays.length === 0 ? null : (
        <p className="text-warn">
          Billed, but not split yet: {bar.unsplitDays.map((one) => formatDayOfMonth(one)).join(", ")}.
        </p>
      )}
      <TrendOfBill section={section} range={range} />
      <PlainTable
        caption={`What was billed, ${currency}`}
        rows={section.kinds}
        rowKey={({ kind }) => kind}
        columns={[
          { header: "What was billed", cell: ({ kind }) => COST_KINDS[kind] },
          { header: "Resources", isRight: true, cell: ({ resources }) => formatCount(resources) },
          {
            header: currency,
            isRight: true,
            cell: ({ amount }) => <span title={formatExact(amount, currency)}>{formatAmount(amount, currency)}</span>,
          },
          { header: "Share %", isRight: true, cell: ({ sharePercent }) => sharePercent ?? "–" },
        ]}
      />
      {section.nodePools.length === 0 ? null : (
        <PlainTable
          caption={`Node pools by cost, ${currency}`}
          rows={section.nodePools}
          rowKey={({ pool, instanceType, capacityType }) => `${pool} ${instanceType ?? ""} ${capacityType ?? ""}`}
          columns={[
            {
              header: "Node pool",
              cell: ({ pool }) => pool || <span className="text-soft">not known to the inventory</span>,
            },
            {
              header: "Instance",
              cell: ({ instanceType }) => instanceType ?? <span className="text-soft">not told</span>,
            },
            {
              header: "Capacity",
              cell: ({ capacityType }) => capacityType ?? <span className="text-soft">not told</span>,
              className: "hidden sm:table-cell",
            },
            { header: "Machines", isRight: true, cell: ({ nodes }) => formatCount(nodes) },
            {
              header: currency,
              isRight: true,
              cell: ({ amount }) => <span title={formatExact(amount, currency)}>{formatAmount(amount, currency)}</span>,
            },
            {
              header: "Share %",
              isRight: true,
              cell: ({ sharePercent }) => sharePercent ?? "–",
              className: "hidden sm:table-cell",
            },
          ]}
        />
      )}
    </div>
  );
}

function TrendOfBill({ section, range }: { section: ClusterBillSection; range: DayRange }) {
  const { currency, days, trend } = section;
  const shown = trend.filter(({ values }) => values.some((value) => value !== null && Number(value) !== 0));
  const panel: Panel = {
    title: "Bill",
    unit: `${currency} a day`,
    kind: "bars",
    starts: days.map((one) => startOf(one).getTime()),
    bucketMs: DAY_MS,
    series: shown.map(({ kind, values }) => ({
      key: kind,
      label: PARTS[kind].label,
      colour: PARTS[kind].colour,
      values,
    })),
  };
  return (
    <TimePanels
      title={`Its bill day by day, ${currency}`}
      from={startOf(range.from).getTime()}
      to={startOf(range.to).getTime()}
      panels={[panel]}
      gapWords="not split"
      table={{
        head: ["Day", ...shown.map(({ kind }) => PARTS[kind].label)],
        rows: days.map((one, index) => ({
          name: formatDay(one),
          values: shown.map(({ values }) => values[index] ?? null),
        })),
      }}
    />
  );
}
