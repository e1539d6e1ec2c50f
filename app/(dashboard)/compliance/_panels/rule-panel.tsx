import Link from "next/link";
import { isAllowed } from "#lib/access/permissions.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { formatCount } from "#lib/domain/format.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readRule } from "#lib/services/posture/read-rule.ts";
import type { RuleView } from "#lib/services/posture/posture-view.ts";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { AskWaiver } from "#app/(dashboard)/compliance/_components/ask-waiver.tsx";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { CountsLine } from "#app/(dashboard)/compliance/_components/counts-line.tsx";
import { EvaluationTable } from "#app/(dashboard)/compliance/_components/evaluation-table.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { GapLines } from "#app/(dashboard)/compliance/_components/posture-age.tsx";
import { PostureFilters } from "#app/(dashboard)/compliance/_components/posture-filters.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import {
  complianceHref,
  narrowed,
  ruleHref,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { VERDICT_LABELS } from "#app/(dashboard)/compliance/compliance-words.ts";
import { instantOf, toFilters } from "#app/(dashboard)/compliance/search-params.ts";

const PAGE_ROWS = 100;
const VERDICTS: readonly Verdict[] = ["fail", "unknown", "pass", "not_applicable"];

type RulePanelProps = {
  context: ServiceContext;
  state: ComplianceState;
  ruleKey: string;
  verdict: string | null;
  offset: number;
};

/** One rule: what it asks and how to mend it, and every resource that it was evaluated on. */
export async function RulePanel({ context, state, ruleKey, verdict, offset }: RulePanelProps) {
  const verdicts = VERDICTS.filter((one) => one === verdict);
  const answer = await attempt(() =>
    readRule(context, {
      ruleKey,
      asOf: instantOf(state),
      filters: toFilters(state),
      verdicts,
      offset,
      limit: PAGE_ROWS,
    }),
  );
  if (answer.error !== null)
    return (
      <>
        <BackLine state={state} />
        <h1 className="mb-4 text-xl break-all">{ruleKey}</h1>
        <ErrorState error={answer.error} />
      </>
    );
  const view = answer.value;
  const [first] = view.descriptions;
  const [chosen = null] = verdicts;
  const others = { rule: ruleKey, verdict: chosen };
  const mayAsk = state.asOf === null && isAllowed(context.actor, "waivers:request");
  return (
    <>
      <BackLine state={state} />
      <h1 className="text-xl">Where does it hold: {first?.title ?? ruleKey}?</h1>
      <p className="mt-1 flex flex-wrap gap-x-4 text-xs text-soft">
        <code className="break-all">{ruleKey}</code>
        <SeverityMark severity={first?.severity ?? null} />
        <span>{partsWords(view)}</span>
      </p>
      <Description view={view} />
      <div className="mt-3 space-y-6">
        <div className="space-y-2">
          <PostureFilters state={state} path="/compliance/rule" others={others} />
          <InstantLine state={state} now={context.now} path="/compliance/rule" others={others} />
          <GapLines gaps={view.gaps} />
        </div>
        <CountsLine counts={view.counts} what="resources" />
        <section aria-labelledby="resources" data-rows="many" className="space-y-2">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 id="resources" className="text-base">
              {formatCount(view.total)} {chosen === null ? "evaluations" : VERDICT_LABELS[chosen].toLowerCase()}
            </h2>
            <div className="flex flex-wrap items-center gap-2">
              {mayAsk ? <AskWaiver ruleKey={ruleKey} scopes={scopesOf(context, state)} /> : null}
              <SegmentedLinks
                label="Which verdicts"
                segments={[null, ...VERDICTS].map((one) => ({
                  label: one === null ? "All" : VERDICT_LABELS[one],
                  href: ruleHref(state, ruleKey, { verdict: one }),
                  isChosen: one === chosen,
                }))}
              />
            </div>
          </div>
          {view.rows.length === 0 ? (
            <EmptyState title="No resource of this kind.">
              <p>Nothing that the question leaves has this verdict at this instant.</p>
            </EmptyState>
          ) : (
            <EvaluationTable caption={`Resources of ${ruleKey}`} rows={view.rows} at={view.at} state={state} />
          )}
          <Pages view={view} state={state} others={others} />
        </section>
      </div>
    </>
  );
}

function Description({ view }: { view: RuleView }) {
  const [first] = view.descriptions;
  if (first === undefined) return null;
  return (
    <>
      {first.description === null ? null : <p className="mt-2 max-w-prose">{first.description}</p>}
      {first.remedy === null ? null : (
        <p className="mt-1 max-w-prose">
          <span className="font-medium">To mend it: </span>
          {first.remedy}
        </p>
      )}
      {view.descriptions.length > 1 ? (
        <details className="mt-1 text-xs text-soft">
          <summary className="min-h-6">{view.descriptions.length} sources describe it differently</summary>
          <ul className="space-y-1">
            {view.descriptions.map(({ sourceKey, part, title, description }) => (
              <li key={`${sourceKey} ${part}`}>
                <span className="font-medium text-ink">
                  {sourceKey}, {part}
                </span>
                : {title}. {description}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function partsWords({ descriptions }: RuleView): string {
  const sources = [...new Set(descriptions.map(({ sourceKey }) => sourceKey))];
  return sources.length === 0 ? "not reported by any source" : `evaluated by ${sources.join(", ")}`;
}

/** What a waiver can be asked for here: what the question is narrowed to, and everything, which members may not ask. */
function scopesOf(context: ServiceContext, { filters }: ComplianceState) {
  const { role, teamKey } = context.actor;
  if (role === "member")
    return teamKey === null ? [] : [{ kind: "team" as const, key: teamKey, label: `team ${teamKey}` }];
  return [
    ...filters.teams.filter((key) => key !== "").map((key) => ({ kind: "team" as const, key, label: `team ${key}` })),
    ...filters.accounts.map((key) => ({ kind: "account" as const, key, label: `account ${key}` })),
    ...filters.clusters.map((key) => ({ kind: "cluster" as const, key, label: `cluster ${key}` })),
    { kind: "all" as const, key: "", label: "everything that it is evaluated on" },
  ];
}

type PagesProps = { view: RuleView; state: ComplianceState; others: Record<string, string | null> };

function Pages({ view: { total, offset, limit }, state, others }: PagesProps) {
  if (total <= limit && offset === 0) return null;
  const hrefOf = (row: number): string =>
    complianceHref(narrowed(state), "/compliance/rule", { ...others, row: row === 0 ? null : String(row) });
  return (
    <nav aria-label="Pages" className="flex items-center gap-4 text-xs">
      {offset > 0 ? (
        <Link href={hrefOf(Math.max(0, offset - limit))} prefetch={false} className="link">
          Earlier rows
        </Link>
      ) : null}
      <span className="text-soft">
        {formatCount(Math.min(offset + 1, total))} to {formatCount(Math.min(offset + limit, total))} of{" "}
        {formatCount(total)}
      </span>
      {offset + limit < total ? (
        <Link href={hrefOf(offset + limit)} prefetch={false} className="link">
          Later rows
        </Link>
      ) : null}
    </nav>
  );
}
