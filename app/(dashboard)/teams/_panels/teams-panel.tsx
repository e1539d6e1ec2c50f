import Link from "next/link";
import { formatCount, formatPeriod } from "#lib/domain/format.ts";
import { addMonths, dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readTeams } from "#lib/services/teams/read-teams.ts";
import type { TeamsView } from "#lib/services/teams/teams-view.ts";
import { AgeStamp } from "#app/_components/age-stamp.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { countWords, namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { TeamsFilter } from "#app/(dashboard)/teams/_components/teams-filter.tsx";
import { TeamsTable } from "#app/(dashboard)/teams/_components/teams-table.tsx";
import { listedTeams } from "#app/(dashboard)/teams/listed-teams.ts";
import { teamsHref, type TeamsState } from "#app/(dashboard)/teams/teams-state.ts";

/** Every team with its month's cost, budget, namespaces and accounts, and what leads to nobody. */
export async function TeamsPanel({ context, state }: { context: ServiceContext; state: TeamsState }) {
  const { period, asOf } = state;
  const answer = await attempt(() => readTeams(context, { period, asOf: asOf === null ? null : new Date(asOf) }));
  if (answer.error !== null) {
    return (
      <div className="mt-5">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  const view = answer.value;
  const rows = listedTeams(view, state);
  return (
    <div className="mt-1 space-y-5">
      <AgeStamp age={view.age} today={dayOf(context.now)} />
      <nav aria-label="Month" className="flex flex-wrap items-baseline gap-x-4 gap-y-1 print:hidden">
        <Link href={teamsHref(state, { period: addMonths(period, -1) })} prefetch={false} className="link">
          {formatPeriod(addMonths(period, -1))}
        </Link>
        <span className="font-semibold">{formatPeriod(period)}</span>
        {state.isCurrent ? null : (
          <Link href={teamsHref(state, { period: addMonths(period, 1) })} prefetch={false} className="link">
            {formatPeriod(addMonths(period, 1))}
          </Link>
        )}
      </nav>
      <Nobody view={view} asOf={asOf} />
      {view.rows.length === 0 ? (
        <EmptyState
          title="There is no team yet."
          action={
            <Link href="/sources" className="link">
              Add a directory of teams to the sources
            </Link>
          }
        />
      ) : (
        <section aria-labelledby="teams" data-rows="many" className="space-y-3">
          <h2 id="teams" className="text-base">
            {countWords(rows.length, "team")}{" "}
            <span className="font-normal text-soft">
              {rows.length === view.rows.length ? "" : `of ${formatCount(view.rows.length)} match; `}
              effective cost, {formatPeriod(period)}
            </span>
          </h2>
          {view.rows.length === 1 ? null : <TeamsFilter state={state} />}
          {rows.length === 0 ? (
            <p className="text-soft">
              No team, unit or cost centre has “{state.find}” in its name.{" "}
              <Link href={teamsHref(state, { find: "" })} className="link">
                Show all
              </Link>
            </p>
          ) : (
            <TeamsTable rows={rows} state={state} />
          )}
        </section>
      )}
    </div>
  );
}

/** What no team answers for stands first: it is the list's other half. */
function Nobody({ view: { nobody }, asOf }: { view: TeamsView; asOf: string | null }) {
  if (nobody === null || nobody.namespaces + nobody.accounts === 0) return null;
  return (
    <p className="text-soft">
      Nobody answers for{" "}
      <Link href={`${withParams("/sprawl", { owner: "none", asOf })}#namespaces`} prefetch={false} className="link">
        {namespacesWords(nobody.namespaces)}
      </Link>{" "}
      and{" "}
      <Link href={withParams("/spend/accounts", { owner: "none", asOf })} prefetch={false} className="link">
        {countWords(nobody.accounts, "account")}
      </Link>
      .
    </p>
  );
}
