import { Hand } from "lucide-react";
import Link from "next/link";
import { Suspense } from "react";
import { isAllowed } from "#lib/access/permissions.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readControl } from "#lib/services/posture/read-control.ts";
import { readRule } from "#lib/services/posture/read-rule.ts";
import { AuditLink } from "#app/_components/audit-link.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { CountsBar, CountsLine } from "#app/(dashboard)/compliance/_components/counts-line.tsx";
import { EvaluationTable } from "#app/(dashboard)/compliance/_components/evaluation-table.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { GapLines, PostureAge } from "#app/(dashboard)/compliance/_components/posture-age.tsx";
import { PostureFilters } from "#app/(dashboard)/compliance/_components/posture-filters.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import { ManualPanel } from "#app/(dashboard)/compliance/_panels/manual-panel.tsx";
import { ruleHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { countsWords } from "#app/(dashboard)/compliance/compliance-words.ts";
import { instantOf, toFilters, toPostureQuery } from "#app/(dashboard)/compliance/search-params.ts";

/** Failing resources of each rule that are shown here; its own page has all. */
const SHOWN = 8;

/** What matters of a control: what failed, and what nobody knows. */
const OPEN: readonly Verdict[] = ["fail", "unknown"];

type ControlPanelProps = { context: ServiceContext; state: ComplianceState; controlId: string };

/** One control: what it asks, whether it is met, rule by rule with the resources that fail, and what is shown by hand. */
export async function ControlPanel({ context, state, controlId }: ControlPanelProps) {
  const answer = await attempt(() => {
    if (state.framework === null)
      throw new AppError("not_found", "The address names no framework.", { remedy: "Choose a control on Compliance." });
    const query = { ...toPostureQuery(state, state.framework), trendDays: 0 };
    return readControl(context, { ...query, controlId });
  });
  if (answer.error !== null)
    return (
      <>
        <BackLine state={state} />
        <h1 className="mb-4 text-xl">Control {controlId}</h1>
        <ErrorState error={answer.error} />
      </>
    );
  const { posture, description, control } = answer.value;
  return (
    <>
      <BackLine state={state} words={`${posture.framework.name} ${posture.framework.version}`} />
      <h1 className="text-xl">
        Is {control.id} met: {control.title}?
      </h1>
      <p className="mt-1 max-w-prose">{description}</p>
      <p className="mt-1 flex flex-wrap gap-x-4 text-xs text-soft">
        <span>{control.group}</span>
        {control.severity === null ? null : <SeverityMark severity={control.severity} />}
        <AuditLink
          actor={context.actor}
          search={{ q: `${posture.framework.id} ${control.id}`, source: "bursar", to: state.asOf }}
        >
          What was done about it in Bursar
        </AuditLink>
      </p>
      <div className="mt-3 space-y-6">
        <div className="space-y-2">
          <PostureFilters state={state} path="/compliance/control" others={{ control: controlId }} />
          <InstantLine state={state} now={context.now} path="/compliance/control" others={{ control: controlId }} />
          <PostureAge view={posture} now={context.now} />
        </div>
        {control.isWithoutRules ? (
          <p className="border-l-2 border-line-strong px-4 py-2">
            {control.manual === null
              ? "No source reports any of its rules, so it is neither met nor failed: it is not evaluated."
              : "No rule speaks for it: it is shown by hand."}
          </p>
        ) : (
          <CountsLine counts={control.total} />
        )}
        {control.rules.map((ruleKey) => (
          <Suspense key={ruleKey} fallback={<Skeleton className="h-40 w-full" />}>
            <RulePart context={context} state={state} ruleKey={ruleKey} />
          </Suspense>
        ))}
        {control.manual === null ? null : (
          <section aria-labelledby="manual">
            <h2 id="manual" className="mb-2 flex items-center gap-1.5 border-b border-line-strong pb-1 text-base">
              <Hand size={14} aria-hidden /> Shown by hand
            </h2>
            <p className="mb-2 max-w-prose">{control.manual}</p>
            <Suspense fallback={<Skeleton className="h-20 w-full" />}>
              <ManualPanel
                context={context}
                frameworkId={posture.framework.id}
                controlId={control.id}
                asOf={instantOf(state)}
                mayWrite={state.asOf === null && isAllowed(context.actor, "evidence:write")}
              />
            </Suspense>
          </section>
        )}
      </div>
    </>
  );
}

async function RulePart({
  context,
  state,
  ruleKey,
}: {
  context: ServiceContext;
  state: ComplianceState;
  ruleKey: string;
}) {
  const asked = { ruleKey, asOf: instantOf(state), filters: toFilters(state), verdicts: OPEN, offset: 0, limit: SHOWN };
  const answer = await attempt(() => readRule(context, asked));
  if (answer.error !== null) return <ErrorState error={answer.error} />;
  const view = answer.value;
  const [first] = view.descriptions;
  return (
    <section aria-label={first?.title ?? ruleKey} data-rows="many">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 className="text-base">
          <Link href={ruleHref(state, ruleKey)} prefetch={false} className="way-down">
            {first?.title ?? ruleKey}
          </Link>
        </h2>
        <code className="text-xs break-all text-soft">{ruleKey}</code>
        <SeverityMark severity={first?.severity ?? null} />
      </div>
      <div className="my-1.5 flex flex-wrap items-center gap-3">
        <CountsBar counts={view.counts} className="h-2 w-64" />
        <span className="text-xs text-soft">{countsWords(view.counts)}</span>
      </div>
      <GapLines gaps={view.gaps} />
      {view.rows.length === 0 ? null : (
        <EvaluationTable
          caption={`What fails or is unknown of ${ruleKey}`}
          rows={view.rows}
          at={view.at}
          state={state}
        />
      )}
      {view.total > view.rows.length ? (
        <p className="mt-1 text-xs">
          <Link href={ruleHref(state, ruleKey)} prefetch={false} className="link">
            All {view.total} that fail or are unknown
          </Link>
        </p>
      ) : null}
    </section>
  );
}
