import Link from "next/link";
import { Suspense, type ReactNode } from "react";
import { isAllowed } from "#lib/access/permissions.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { listFrameworkChoices } from "#lib/services/frameworks/list-framework-choices.ts";
import type { FrameworkChoice } from "#lib/services/frameworks/framework-view.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import type { PostureView } from "#lib/services/posture/posture-view.ts";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { ErrorState, Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { CountsLine } from "#app/(dashboard)/compliance/_components/counts-line.tsx";
import { FrameworkPicker } from "#app/(dashboard)/compliance/_components/framework-picker.tsx";
import { HeatMap } from "#app/(dashboard)/compliance/_components/heat-map.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { NoEvaluations } from "#app/(dashboard)/compliance/_components/no-evaluations.tsx";
import { PeriodPicker } from "#app/(dashboard)/compliance/_components/period-picker.tsx";
import { PostureAge } from "#app/(dashboard)/compliance/_components/posture-age.tsx";
import { PostureFilters } from "#app/(dashboard)/compliance/_components/posture-filters.tsx";
import { PostureTrend } from "#app/(dashboard)/compliance/_components/posture-trend.tsx";
import { WorseList } from "#app/(dashboard)/compliance/_components/worse-list.tsx";
import { DuePanel } from "#app/(dashboard)/compliance/_panels/due-panel.tsx";
import { PeriodPanel } from "#app/(dashboard)/compliance/_panels/period-panel.tsx";
import { WaiversLine } from "#app/(dashboard)/compliance/_panels/waivers-line.tsx";
import {
  atInstant,
  complianceHref,
  narrowed,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { COLUMN_LABELS, populationOf } from "#app/(dashboard)/compliance/compliance-words.ts";
import { reportHref } from "#app/(dashboard)/compliance/report-href.ts";
import { toPostureQuery } from "#app/(dashboard)/compliance/search-params.ts";
import { POSTURE_COLUMNS } from "#lib/services/posture/posture-view.ts";

type PanelProps = { context: ServiceContext; state: ComplianceState };

/** The question, then the answer: at an instant as totals, map, trend and list, or over a period control by control. */
export async function CompliancePanel({ context, state }: PanelProps) {
  const frameworks = await attempt(() => listFrameworkChoices(context));
  if (frameworks.error !== null) return <Failed>{<ErrorState error={frameworks.error} />}</Failed>;
  const choices = frameworks.value;
  const framework = choices.find(({ id }) => id === state.framework) ?? choices[0];
  if (framework === undefined) return null;
  return (
    <div className="mt-3 space-y-6">
      <Question choices={choices} framework={framework} context={context} state={state} />
      {state.period === null ? (
        <Suspense key={complianceHref({ ...state, open: null })} fallback={<MapSkeleton />}>
          <InstantPanel context={context} state={state} frameworkId={framework.id} />
        </Suspense>
      ) : (
        <Suspense key={complianceHref(state)} fallback={<MapSkeleton />}>
          <PeriodPanel context={context} state={state} period={state.period} frameworkId={framework.id} />
        </Suspense>
      )}
    </div>
  );
}

type QuestionProps = PanelProps & { choices: FrameworkChoice[]; framework: FrameworkChoice };

function Question({ choices, framework, context, state }: QuestionProps) {
  const { actor, now } = context;
  const asked = { ...state, framework: framework.id };
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-2">
        <FrameworkPicker choices={choices} chosen={framework.id} state={state} path="/compliance" />
        <SegmentedLinks
          label="An instant or a period"
          segments={[
            { label: "At an instant", href: complianceHref(atInstant(state)), isChosen: state.period === null },
            {
              label: "Over a period",
              href: complianceHref({ ...state, period: state.period ?? lastQuarter(now) }),
              isChosen: state.period !== null,
            },
          ]}
        />
        <nav
          aria-label="Of this population"
          className="ml-auto flex flex-wrap items-center gap-x-4 gap-y-1 print:hidden"
        >
          <Link href={complianceHref(narrowed(asked), "/compliance/waivers")} prefetch={false} className="link">
            Waivers
          </Link>
          <Link href={complianceHref(narrowed(asked), "/compliance/sample")} prefetch={false} className="link">
            Draw a sample
          </Link>
          {isAllowed(actor, "compliance:export") ? (
            <a href={complianceHref(asked, "/api/v1/posture/export")} download className="link">
              Export CSV
            </a>
          ) : null}
          {isAllowed(actor, "compliance:export") ? (
            <Link href={reportHref(asked)} prefetch={false} className="link">
              Report or bundle
            </Link>
          ) : null}
        </nav>
      </div>
      <PostureFilters state={state} path="/compliance" />
      {state.period === null ? (
        <InstantLine state={state} now={now} path="/compliance" />
      ) : (
        <PeriodPicker state={state} now={now} />
      )}
    </div>
  );
}

async function InstantPanel({ context, state, frameworkId }: PanelProps & { frameworkId: string }) {
  const answer = await attempt(() => readPosture(context, toPostureQuery(state, frameworkId)));
  if (answer.error !== null) return <ErrorState error={answer.error} />;
  const view = answer.value;
  const asked = { ...state, framework: frameworkId };
  if (view.lastLook === null && populationOf(view.total) === 0)
    return <NoEvaluations canConfigure={isAllowed(context.actor, "sources:read")} asOf={state.asOf} />;
  return (
    <>
      <div className="space-y-3">
        <PostureAge view={view} now={context.now} />
        <CountsLine counts={view.total} />
        <Suspense fallback={<Skeleton className="h-5 w-80" />}>
          <WaiversLine context={context} state={asked} />
        </Suspense>
      </div>
      <MapPart view={view} state={asked} />
      <PostureTrend view={view} state={asked} />
      <WorseList view={view} state={asked} />
      <Suspense fallback={<TableSkeleton label="What to mend first" />}>
        <DuePanel context={context} state={asked} />
      </Suspense>
    </>
  );
}

function MapPart({ view, state }: { view: PostureView; state: ComplianceState }) {
  return (
    <section aria-labelledby="map" data-rows="many">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="map" className="text-base">
          Controls of {view.framework.name} {view.framework.version}{" "}
          <span className="font-normal text-soft">
            by {COLUMN_LABELS[view.columnsBy].toLowerCase()}, failing resources
          </span>
        </h2>
        <SegmentedLinks
          label="Columns"
          segments={POSTURE_COLUMNS.map((columnsBy) => ({
            label: COLUMN_LABELS[columnsBy],
            href: complianceHref({ ...state, columnsBy }),
            isChosen: columnsBy === view.columnsBy,
          }))}
        />
      </div>
      <HeatMap view={view} state={state} />
    </section>
  );
}

function MapSkeleton() {
  return (
    <div role="status" aria-label="The map is loading" className="space-y-4">
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-96 w-full" />
    </div>
  );
}

function Failed({ children }: { children: ReactNode }) {
  return <div className="mt-5">{children}</div>;
}

/** "2026-Q3": the quarter that ended last, which is what auditors ask about. */
function lastQuarter(now: Date): string {
  const quarter = Math.floor(now.getUTCMonth() / 3);
  return quarter === 0 ? `${now.getUTCFullYear() - 1}-Q4` : `${now.getUTCFullYear()}-Q${quarter}`;
}
