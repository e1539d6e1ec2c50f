import type { DayRange } from "#lib/domain/period.ts";
import { formatInstant } from "#lib/domain/format.ts";
import { readNamespaceCost } from "#lib/services/cluster-bill/read-namespace-cost.ts";
import type { NamespaceCostSection, NamespaceCostView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";
import { TimePanels } from "#app/_components/charts/time-panels.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { billRange, periodText } from "#app/(dashboard)/sprawl/bill-params.ts";
import type { BillState } from "#app/(dashboard)/sprawl/bill-state.ts";
import { BillQuestion } from "#app/(dashboard)/sprawl/_components/bill-question.tsx";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PartsBar } from "#app/(dashboard)/sprawl/_components/parts-bar.tsx";
import { namespaceHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { methodWords } from "#app/(dashboard)/sprawl/method-words.ts";
import { daysWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { costPanels, costTable } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/cost-panels.ts";
import { EfficiencyTable } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/efficiency-table.tsx";

type NamespaceCostPanelProps = {
  context: ServiceContext;
  row: NamespaceRow;
  state: BillState;
  costRange: DayRange | null;
  /** Set where one of several lives under the name is looked at. */
  uid: string | undefined;
};

/** What it cost by resource day by day, and beneath, on the same time, what it asked for and used. */
export async function NamespaceCostPanel({ context, row, state, costRange, uid }: NamespaceCostPanelProps) {
  const { clusterKey, name } = row;
  const answer = await attempt(async () => {
    const range = billRange(state, costRange, context.now);
    const asOf = state.asOf === null ? null : new Date(state.asOf);
    const { basis } = state;
    const query = { clusterKey, uid: row.uid, namespace: name, ...range, basis, asOf };
    return { range, view: await readNamespaceCost(context, query) };
  });
  if (answer.error !== null)
    return (
      <Part id="cost" title="Cost">
        <ErrorState error={answer.error} />
      </Part>
    );
  const { range, view } = answer.value;
  return (
    <Part id="cost" title="Cost" of={`${state.basis}, ${daysWords(range)}`}>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <BillQuestion path={namespaceHref({ clusterKey, name, uid }, null)} state={state} shown={periodText(range)} />
        <p className="text-xs text-soft">
          {view.splitAt === null ? "not split yet" : `split ${formatInstant(view.splitAt)}`}
          {view.lastActiveAt === null ? null : ` · last active ${formatInstant(view.lastActiveAt)}`}
        </p>
      </div>
      {view.sections.length === 0 ? <NoCost view={view} clusterKey={clusterKey} /> : null}
      <div className="space-y-8">
        {view.sections.map((section, index) => (
          <Section key={section.currency} section={section} view={view} range={range} hasUsage={index === 0} />
        ))}
        {view.sections.length === 0 && view.usage !== null ? <Charts section={null} view={view} range={range} /> : null}
        {view.efficiency === null ? null : <EfficiencyTable efficiency={view.efficiency} />}
      </div>
      <p className="mt-3 text-xs text-soft">{methodWords(view.method)}</p>
    </Part>
  );
}

function NoCost({ view, clusterKey }: { view: NamespaceCostView; clusterKey: string }) {
  return (
    <EmptyState title="Its cost in these days is not known.">
      {view.splitAt === null
        ? `The bill of ${clusterKey} is split once its cost rows are loaded and its use was observed.`
        : "Nothing was billed to it, or these days are not split yet."}
    </EmptyState>
  );
}

type SectionProps = {
  section: NamespaceCostSection;
  view: NamespaceCostView;
  range: DayRange;
  hasUsage: boolean;
};

function Section({ section, view, range, hasUsage }: SectionProps) {
  const { currency, direct, idle, shared, total } = section;
  return (
    <div className="space-y-4">
      <PartsBar
        label={`What it cost, ${currency}`}
        currency={currency}
        total={total}
        totalWord={view.basis === "billed" ? "billed" : "effective cost"}
        parts={[
          { key: "direct", label: "Direct", amount: direct, paint: "bg-part-direct" },
          { key: "shared", label: "Shared", amount: shared, paint: "bg-part-shared" },
          { key: "idle", label: "Idle", amount: idle, paint: "bg-part-idle" },
        ]}
      />
      <Charts section={section} view={hasUsage ? view : { ...view, usage: null }} range={range} />
    </div>
  );
}

function Charts({
  section,
  view,
  range,
}: {
  section: NamespaceCostSection | null;
  view: NamespaceCostView;
  range: DayRange;
}) {
  const { panels, from, to } = costPanels(section, view.usage, range);
  if (panels.length === 0) return null;
  return (
    <TimePanels
      title={`Cost by resource, and what was asked for and used${section === null ? "" : `, ${section.currency}`}`}
      from={from}
      to={to}
      panels={panels}
      gapWords="not known"
      table={costTable(section, view.usage, range)}
    />
  );
}
