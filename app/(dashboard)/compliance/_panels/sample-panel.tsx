import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { listFrameworkChoices } from "#lib/services/frameworks/list-framework-choices.ts";
import { MOST_SAMPLE_ROWS, type SampleView } from "#lib/services/posture/posture-view.ts";
import { readSample } from "#lib/services/posture/read-sample.ts";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { EvaluationTable } from "#app/(dashboard)/compliance/_components/evaluation-table.tsx";
import { FrameworkPicker } from "#app/(dashboard)/compliance/_components/framework-picker.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { PostureFilters } from "#app/(dashboard)/compliance/_components/posture-filters.tsx";
import { SampleForm } from "#app/(dashboard)/compliance/_components/sample-form.tsx";
import { complianceHref, narrowed, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { VERDICT_LABELS } from "#app/(dashboard)/compliance/compliance-words.ts";
import { reportHref } from "#app/(dashboard)/compliance/report-href.ts";
import { toSampleQuery, VERDICTS } from "#app/(dashboard)/compliance/search-params.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";

type SamplePanelProps = {
  context: ServiceContext;
  state: ComplianceState;
  seed: string;
  size: number;
  verdict: string | null;
};

/** A random sample of the population, as auditors draw it: the same address draws the same again, today and in a year. */
export async function SamplePanel({ context, state, seed, size, verdict }: SamplePanelProps) {
  const verdicts = VERDICTS.filter((one) => one === verdict);
  const answer = await attempt(async () => {
    const choices = await listFrameworkChoices(context);
    const framework = choices.find(({ id }) => id === state.framework) ?? choices[0];
    const sample = { frameworkId: framework?.id ?? null, verdicts, size: Math.min(size, MOST_SAMPLE_ROWS), seed };
    const view = await readSample(context, toSampleQuery(state, sample));
    return { choices, framework, view };
  });
  const [chosen = null] = verdicts;
  const others = { size: String(size), seed, verdict: chosen };
  if (answer.error !== null)
    return (
      <>
        <BackLine state={state} />
        <h1 className="mb-4 text-xl">What does a random sample show?</h1>
        <ErrorState error={answer.error} />
      </>
    );
  const { choices, framework, view } = answer.value;
  const asked = { ...state, framework: framework?.id ?? null };
  const hrefOf = (extra: Record<string, string | null>): string =>
    complianceHref(narrowed(state), "/compliance/sample", { ...others, ...extra });
  return (
    <>
      <BackLine state={state} />
      <h1 className="text-xl">What do {formatCount(view.drawn)} checks drawn at random show?</h1>
      <div className="mt-3 space-y-5">
        <div className="space-y-2">
          <div className="flex flex-wrap items-center gap-2">
            {framework === undefined ? null : (
              <FrameworkPicker
                choices={choices}
                chosen={framework.id}
                state={state}
                path="/compliance/sample"
                others={others}
              />
            )}
            <SegmentedLinks
              label="Of which verdicts"
              segments={[null, ...VERDICTS].map((one) => ({
                label: one === null ? "All" : VERDICT_LABELS[one],
                href: hrefOf({ verdict: one }),
                isChosen: one === chosen,
              }))}
            />
          </div>
          <PostureFilters state={state} path="/compliance/sample" others={others} />
          {state.period === null ? (
            <InstantLine state={state} now={context.now} path="/compliance/sample" others={others} />
          ) : (
            <p className="text-xs text-soft">
              Over {periodWords(state.period)}.{" "}
              <Link
                href={complianceHref({ ...narrowed(state), period: null }, "/compliance/sample", others)}
                prefetch={false}
                className="link"
              >
                At an instant instead
              </Link>
            </p>
          )}
          <SampleForm size={size} seed={seed} most={MOST_SAMPLE_ROWS} href={hrefOf({ size: null, seed: null })} />
        </div>
        <Method view={view} />
        {view.rows.length === 0 ? (
          <EmptyState title="The population is empty.">
            <p>Nothing that the question leaves was evaluated, so there is nothing to draw from.</p>
          </EmptyState>
        ) : (
          <EvaluationTable caption="The sample" rows={view.rows} at={view.at} state={asked} withRule />
        )}
        {isAllowed(context.actor, "compliance:export") ? (
          <p className="flex flex-wrap gap-x-4 gap-y-1 print:hidden">
            <a href={downloadHref(asked, view, chosen)} download className="link">
              Download the sample
            </a>
            <Link href={reportHref(asked)} prefetch={false} className="link">
              Report or bundle of this population
            </Link>
          </p>
        ) : null}
      </div>
    </>
  );
}

/** The rows that are shown, whatever has been learnt when somebody follows the link. */
function downloadHref(asked: ComplianceState, { at, size, seed }: SampleView, verdict: string | null): string {
  return complianceHref({ ...narrowed(asked), asOf: at }, "/api/v1/posture/sample/export", {
    size: String(size),
    seed,
    verdict,
  });
}

/** All that somebody else needs to draw the same. */
function Method({ view: { at, seed, method, population, drawn } }: { view: SampleView }) {
  return (
    <dl className="grid gap-x-8 gap-y-2 border-y border-line py-3 text-sm sm:grid-cols-[auto_auto_1fr]">
      <div>
        <dt className="text-xs text-soft">Drawn</dt>
        <dd className="tabular-nums">
          {formatCount(drawn)} of {formatCount(population)}
        </dd>
      </div>
      <div>
        <dt className="text-xs text-soft">Seed</dt>
        <dd>
          <code className="break-all">{seed}</code>
        </dd>
      </div>
      <div>
        <dt className="text-xs text-soft">Method, population of {formatInstant(at)}</dt>
        <dd className="max-w-prose">{method}</dd>
      </div>
    </dl>
  );
}
