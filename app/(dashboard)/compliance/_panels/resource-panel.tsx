import { isAllowed } from "#lib/access/permissions.ts";
import type { StripSpan } from "#lib/charts/strip.ts";
import { formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { EvaluationRow, PostureGap, ResourceView } from "#lib/services/posture/posture-view.ts";
import { readResource } from "#lib/services/posture/read-resource.ts";
import { readResourceOwner } from "#lib/services/posture/read-resource-owner.ts";
import { AuditLink } from "#app/_components/audit-link.tsx";
import { OwnerChip } from "#app/_components/owner-chip.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { BackLine } from "#app/(dashboard)/compliance/_components/back-line.tsx";
import { InstantLine } from "#app/(dashboard)/compliance/_components/instant-line.tsx";
import { GapLines } from "#app/(dashboard)/compliance/_components/posture-age.tsx";
import { ResourceRule } from "#app/(dashboard)/compliance/_components/resource-rule.tsx";
import { StripLegend } from "#app/(dashboard)/compliance/_components/strip.tsx";
import { EvidencePart } from "#app/(dashboard)/compliance/_panels/evidence-part.tsx";
import { complianceHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { instantOf } from "#app/(dashboard)/compliance/search-params.ts";
import { Fact, Facts } from "#app/(dashboard)/sprawl/_components/part.tsx";

/** What was before is a report of its own; thirteen months hold a year and the month to compare it with. */
const STRIP_MS = 396 * 86_400_000;
const DAY_MS = 86_400_000;

type ResourcePanelProps = { context: ServiceContext; state: ComplianceState; id: number; evidence: string | null };

/** One resource: what every rule says of it now, and over time; whose it is and how that is known; and what the source answered. */
export async function ResourcePanel({ context, state, id, evidence }: ResourcePanelProps) {
  const asOf = instantOf(state);
  const answer = await attempt(async () => {
    const view = await readResource(context, { resourceId: id, asOf });
    return { view, owner: await readResourceOwner(context, { resource: view.resource, asOf }) };
  });
  if (answer.error !== null)
    return (
      <>
        <BackLine state={state} />
        <h1 className="mb-4 text-xl">Resource</h1>
        <ErrorState error={answer.error} />
      </>
    );
  const { view, owner } = answer.value;
  const { resource } = view;
  const to = Date.parse(view.at);
  const from = Math.max(to - STRIP_MS, firstOf(view) ?? to - DAY_MS);
  const failing = view.rules.filter(({ now }) => now?.verdict === "fail").length;
  const mayAsk = state.asOf === null && isAllowed(context.actor, "waivers:request");
  return (
    <>
      <BackLine state={state} />
      <h1 className="text-xl break-all">What fails on {resource.name}, and since when?</h1>
      <div className="mt-3 space-y-6">
        <InstantLine state={state} now={context.now} path="/compliance/resource" others={{ id: String(id) }} />
        <Facts>
          <Fact name="Kind">{resource.kind}</Fact>
          <Fact name="Owner">
            {owner === null ? (
              <span className="text-soft">not known</span>
            ) : (
              <OwnerChip
                owner={owner}
                of={resource.name}
                href={
                  owner.team === null
                    ? undefined
                    : complianceHref(state, `/compliance/team/${encodeURIComponent(owner.team.key)}`)
                }
              />
            )}
          </Fact>
          {resource.accountId === null ? null : <Fact name="Account">{resource.accountId}</Fact>}
          {resource.clusterKey === null ? null : <Fact name="Cluster">{resource.clusterKey}</Fact>}
          {resource.region === null ? null : <Fact name="Region">{resource.region}</Fact>}
          <Fact name="Rules that fail">
            <span className={failing > 0 ? "font-medium text-wrong" : undefined}>{failing}</span>
            <span className="text-soft"> of {view.rules.length}</span>
          </Fact>
        </Facts>
        <ResourceKey resource={resource} context={context} asOf={state.asOf} />
        <GapLines gaps={view.gaps.filter(({ until }) => until === null)} />
        {evidence === null ? null : (
          <EvidencePart
            context={context}
            hash={evidence}
            closeHref={complianceHref(state, "/compliance/resource", { id: String(id) })}
          />
        )}
        <section aria-labelledby="over-time" data-rows="many" className="space-y-3">
          <div className="flex flex-wrap items-baseline justify-between gap-2">
            <h2 id="over-time" className="text-base">
              Rule by rule{" "}
              <span className="font-normal text-soft">
                {formatDay(dayOf(new Date(from)))} to {formatInstant(view.at)}
              </span>
            </h2>
            <StripLegend marks={["fail", "waived", "unknown", "gap", "pass"]} />
          </div>
          <ul className="divide-y divide-line border-y border-line">
            {view.rules
              .toSorted((a, b) => orderOf(a.now) - orderOf(b.now))
              .map((rule) => (
                <ResourceRule
                  key={rule.ruleKey}
                  rule={rule}
                  resource={resource}
                  spans={spansOf(rule.stretches, view.gaps, to)}
                  from={from}
                  to={to}
                  state={state}
                  mayAsk={mayAsk && rule.now?.verdict === "fail" && rule.now.waiver === null}
                />
              ))}
          </ul>
          {view.isCut ? (
            <p className="text-xs text-warn">
              It has more stretches than are shown; a report over a period has all of them.
            </p>
          ) : null}
        </section>
      </div>
    </>
  );
}

type ResourceKeyProps = { resource: ResourceView["resource"]; context: ServiceContext; asOf: string | null };

/** What its source calls it, and the way to what was done to it. */
function ResourceKey({ resource, context, asOf }: ResourceKeyProps) {
  const { key, name, accountId, clusterKey } = resource;
  return (
    <p className="flex flex-wrap gap-x-4 text-xs text-soft">
      <code className="break-all">{key}</code>
      <AuditLink actor={context.actor} search={{ q: name, account: accountId, cluster: clusterKey, to: asOf }}>
        What was done to it, by the audit trail
      </AuditLink>
    </p>
  );
}

function firstOf({ rules }: ResourceView): number | null {
  const starts = rules.flatMap(({ stretches }) => stretches.map(({ from }) => Date.parse(from)));
  return starts.length === 0 ? null : Math.min(...starts);
}

/** What fails first, then what is not known, then the rest. */
function orderOf(now: EvaluationRow | null): number {
  if (now === null) return 4;
  return { fail: now.waiver === null ? 0 : 1, unknown: 2, pass: 3, not_applicable: 5 }[now.verdict];
}

/** Gaps of the parts that evaluated it lie over what was last known. */
function spansOf(stretches: readonly EvaluationRow[], gaps: readonly PostureGap[], end: number): StripSpan[] {
  const parts = new Set(stretches.map(({ sourceKey, part }) => `${sourceKey} ${part}`));
  const drawn = stretches.map((row): StripSpan => ({
    from: Date.parse(row.from),
    to: row.to === null ? end : Date.parse(row.to),
    mark:
      row.verdict === "not_applicable"
        ? "not-applicable"
        : row.verdict === "fail" && row.waiver !== null
          ? "waived"
          : row.verdict,
  }));
  const first = Math.min(...drawn.map(({ from }) => from));
  const silent = gaps
    .filter(({ sourceKey, part }) => parts.has(`${sourceKey} ${part}`))
    .map(({ since, until }): StripSpan => ({
      from: since === null ? first : Math.max(first, Date.parse(since)),
      to: until === null ? end : Date.parse(until),
      mark: "gap",
    }));
  return [...drawn.toReversed(), ...silent];
}
