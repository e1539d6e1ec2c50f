import Link from "next/link";
import { Suspense } from "react";
import type { Actor } from "#lib/access/actor.ts";
import { isAllowed } from "#lib/access/permissions.ts";
import { formatCount } from "#lib/domain/format.ts";
import { dayOf, periodOf, type DayRange } from "#lib/domain/period.ts";
import { MOST_TEXT_CHARACTERS } from "#lib/domain/trail/storable-event.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readTeam } from "#lib/services/teams/read-team.ts";
import type { TeamPageView } from "#lib/services/teams/team-view.ts";
import { AgeStamp } from "#app/_components/age-stamp.tsx";
import { AuditLink } from "#app/_components/audit-link.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import type { BillState } from "#app/(dashboard)/sprawl/bill-state.ts";
import { Fact, Facts, Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { NamespaceTable } from "#app/(dashboard)/sprawl/_components/namespace-table.tsx";
import { clusterHref, withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { parseSprawlState } from "#app/(dashboard)/sprawl/search-params.ts";
import { PAGE_ROWS } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { daysWords, exactWords, moneyWords, namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { TeamAccounts } from "#app/(dashboard)/teams/[team]/_components/team-accounts.tsx";
import { TeamAttention } from "#app/(dashboard)/teams/[team]/_components/team-attention.tsx";
import { TeamBudget } from "#app/(dashboard)/teams/[team]/_components/team-budget.tsx";
import { TeamPeriod } from "#app/(dashboard)/teams/[team]/_components/team-period.tsx";
import { TeamSpend } from "#app/(dashboard)/teams/[team]/_components/team-spend.tsx";
import { TeamEfficiencyPanel } from "#app/(dashboard)/teams/[team]/_panels/team-efficiency-panel.tsx";

type TeamPanelProps = { context: ServiceContext; teamKey: string; state: BillState & { offset: number } };

/** What the team spends and where it moved, what is contested or unused, and everything that it owns. */
export async function TeamPanel({ context, teamKey, state }: TeamPanelProps) {
  const period = state.period ?? periodOf(context.now);
  const answer = await attempt(async () => {
    const range = rangeOfPeriod(period);
    const asOf = state.asOf === null ? null : new Date(state.asOf);
    // The list begins where the URL says; further pages of it are read by the list itself.
    const page = { offset: state.offset, limit: PAGE_ROWS };
    return { range, view: await readTeam(context, { teamKey, ...range, ...page, asOf }) };
  });
  if (answer.error !== null) {
    return (
      <>
        <h1 className="mb-4 text-xl">{teamKey}</h1>
        <ErrorState error={answer.error} />
      </>
    );
  }
  const { range, view } = answer.value;
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-4">
        <h1 className="text-xl">What does {view.team.name} own, and what does it spend?</h1>
        {context.actor.role === "member" ? null : (
          <Link
            href={withParams("/teams", { asOf: state.asOf })}
            prefetch={false}
            className="link text-xs print:hidden"
          >
            All teams
          </Link>
        )}
      </div>
      <div className="mt-1 space-y-8">
        <div className="space-y-3">
          <AgeStamp age={view.spend.age} today={dayOf(context.now)} />
          <Identity view={view} actor={context.actor} asOf={state.asOf} />
        </div>
        <Part id="spend" title="Spend" of={`effective cost, ${periodWords(period)}`}>
          <div className="mb-4">
            <TeamPeriod teamKey={teamKey} period={period} asOf={state.asOf} />
          </div>
          <TeamSpend view={view} period={period} asOf={state.asOf} />
        </Part>
        <TeamBudget view={view} period={period} />
        <TeamAttention view={view} teamKey={teamKey} asOf={state.asOf} />
        <Namespaces view={view} context={context} teamKey={teamKey} state={state} />
        <Suspense fallback={<Skeleton className="h-40 w-full" />}>
          <TeamEfficiencyPanel
            context={context}
            teamKey={teamKey}
            range={efficiencyRange(view, range)}
            asOf={state.asOf}
          />
        </Suspense>
        <TeamAccounts view={view} period={period} asOf={state.asOf} />
      </div>
    </>
  );
}

/** The days that the namespaces' cost is of, so that savings stand beside the cost that they are part of. */
function efficiencyRange({ costRange }: TeamPageView, range: DayRange): DayRange {
  return costRange ?? range;
}

type IdentityProps = { view: TeamPageView; actor: Actor; asOf: string | null };

function Identity({ view: { team }, actor, asOf }: IdentityProps) {
  const { businessUnitName, costCentre, leadMail, people, aliases } = team;
  const everybody = people.map(({ mail }) => mail.toLowerCase()).join("|");
  return (
    <Facts>
      <Fact name="Business unit">{businessUnitName || <span className="text-soft">not told</span>}</Fact>
      <Fact name="Cost centre">{costCentre || <span className="text-soft">not told</span>}</Fact>
      <Fact name="Lead">{leadMail ?? <span className="text-soft">not told</span>}</Fact>
      <Fact name="People">
        {people.length === 0 ? (
          <span className="text-soft">none in the directory</span>
        ) : (
          <details>
            <summary>{formatCount(people.length)}</summary>
            <ul className="text-xs">
              {everybody.length > MOST_TEXT_CHARACTERS ? null : (
                <li>
                  <AuditLink actor={actor} search={{ person: everybody, to: asOf }}>
                    What all of them did
                  </AuditLink>
                </li>
              )}
              {people.map(({ mail, name }) => (
                <li key={mail}>
                  {name} <span className="text-soft">{mail}</span>{" "}
                  <AuditLink actor={actor} search={{ person: mail, to: asOf }}>
                    What they did
                  </AuditLink>
                </li>
              ))}
            </ul>
          </details>
        )}
      </Fact>
      {aliases.length === 0 ? null : <Fact name="Also written">{aliases.join(", ")}</Fact>}
    </Facts>
  );
}

type NamespacesProps = {
  view: TeamPageView;
  context: ServiceContext;
  teamKey: string;
  state: BillState;
};

function Namespaces({ view, context, teamKey, state }: NamespacesProps) {
  const { namespaces, counts, namespaceCosts, clusters, costRange } = view;
  const { actor, now } = context;
  const listed = parseSprawlState({
    team: teamKey,
    ...(state.asOf === null ? {} : { asOf: state.asOf }),
    row: String(namespaces.offset),
  });
  return (
    <Part
      id="namespaces"
      title={namespacesWords(counts.namespaces)}
      of={
        namespaceCosts.length === 0 ? (
          "cost not known: no bill of their clusters is split yet"
        ) : (
          <>
            <span title={exactWords(namespaceCosts)}>{moneyWords(namespaceCosts)}</span> effective
            {costRange === null ? "" : `, ${daysWords(costRange)}`}
          </>
        )
      }
      isLong
    >
      {clusters.length === 0 ? (
        <p className="text-soft">
          No namespace leads to this team. One does by a label, by your catalog, or by whoever made it.
        </p>
      ) : (
        <>
          <ul aria-label="In which clusters" className="mb-2 flex flex-wrap gap-x-5 gap-y-1">
            {clusters.map(({ key, label, namespaces: count, costs }) => (
              <li key={key}>
                <Link href={clusterHref(key, state.asOf)} prefetch={false} className="way-down">
                  {label}
                </Link>{" "}
                <span className="text-xs text-soft" title={exactWords(costs)}>
                  {formatCount(count)}
                  {costs.length === 0 ? "" : `, ${moneyWords(costs)}`}
                </span>
              </li>
            ))}
          </ul>
          <NamespaceTable
            caption="Its namespaces"
            state={listed}
            first={namespaces}
            path={withParams(`/teams/${encodeURIComponent(teamKey)}`, { period: state.period })}
            api="/api/v1/namespaces"
            fixed="teams"
            may={{ overrule: isAllowed(actor, "owners:write"), exempt: isAllowed(actor, "exemptions:write") }}
            now={now.toISOString()}
            columns={["name", "cluster", "owner", "state", "age", "pods", "volumes", "cost"]}
          />
        </>
      )}
    </Part>
  );
}
