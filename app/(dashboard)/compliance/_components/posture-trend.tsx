import type { Panel } from "#lib/charts/time-panels.ts";
import { formatDay } from "#lib/domain/format.ts";
import { day, startOf } from "#lib/domain/period.ts";
import type { PostureView } from "#lib/services/posture/posture-view.ts";
import { TimePanels, type TimeTable } from "#app/_components/charts/time-panels.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { complianceHref, TREND_DAYS, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { COUNT_KINDS, COUNT_LABELS, type CountKind } from "#app/(dashboard)/compliance/compliance-words.ts";

const DAY_MS = 86_400_000;

/** Of fewer days a line tells nothing that the totals do not. */
const LEAST_DAYS = 3;

const COLOURS: Record<Exclude<CountKind, "notApplicable">, string> = {
  fail: "var(--wrong)",
  waived: "var(--series-5)",
  unknown: "var(--warn)",
  notEvaluated: "var(--series-8)",
  pass: "var(--accent)",
};

/** What failed and what was not known at the end of each day. Whole numbers of evaluations, each line with its own name. */
export function PostureTrend({ view, state }: { view: PostureView; state: ComplianceState }) {
  const { trend } = view;
  const [first] = trend;
  const last = trend.at(-1);
  if (first === undefined || last === undefined || trend.length < LEAST_DAYS) return null;
  const starts = trend.map((point) => startOf(day(point.day)).getTime());
  const lines = (kinds: (keyof typeof COLOURS)[], title: string): Panel => ({
    title,
    unit: "evaluations",
    kind: "lines",
    starts,
    bucketMs: DAY_MS,
    series: kinds.map((kind) => ({
      key: kind,
      label: COUNT_LABELS[kind],
      colour: COLOURS[kind],
      values: trend.map(({ counts }) => String(counts[kind])),
    })),
  });
  return (
    <section aria-labelledby="trend">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="trend" className="text-base">
          How it went <span className="font-normal text-soft">at the end of each day, {trendWords(state)}</span>
        </h2>
        <SegmentedLinks
          label="How far back"
          segments={TREND_DAYS.map((trendDays) => ({
            label: trendDays === 365 ? "A year" : `${trendDays} days`,
            href: complianceHref({ ...state, trendDays }),
            isChosen: trendDays === state.trendDays,
          }))}
        />
      </div>
      <TimePanels
        title="Failed and not known, by day"
        from={startOf(day(first.day)).getTime()}
        to={startOf(day(last.day)).getTime() + DAY_MS}
        panels={[
          lines(["fail", "waived"], "Failed"),
          lines(["unknown", "notEvaluated"], "Not known"),
          lines(["pass"], "Passed"),
        ]}
        gapWords="not evaluated"
        areSideBySide
        table={tableOf(view)}
      />
    </section>
  );
}

function trendWords({ trendDays }: ComplianceState): string {
  return trendDays === 365 ? "over a year" : `over ${trendDays} days`;
}

function tableOf({ trend }: PostureView): TimeTable {
  const kinds: readonly CountKind[] = COUNT_KINDS;
  return {
    head: ["End of", ...kinds.map((kind) => COUNT_LABELS[kind])],
    rows: trend
      .map(({ day: one, counts }) => ({ name: formatDay(day(one)), values: kinds.map((kind) => String(counts[kind])) }))
      .toReversed(),
  };
}
