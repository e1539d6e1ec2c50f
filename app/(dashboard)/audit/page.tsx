import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import type { TrailPage, TrailQuery } from "#lib/services/trail/search/trail-view.ts";
import { searchOfQuery } from "#lib/services/trail/search/trail-search.ts";
import { listLeaverAccess } from "#lib/services/trail/search/list-leaver-access.ts";
import { listSavedSearches } from "#lib/services/trail/search/list-saved-searches.ts";
import { readChangeWindows } from "#lib/services/trail/change/read-change-windows.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { AuditExport } from "#app/(dashboard)/audit/_components/audit-export.tsx";
import { AuditHistogram } from "#app/(dashboard)/audit/_components/audit-histogram.tsx";
import { AuditRecord } from "#app/(dashboard)/audit/_components/audit-record.tsx";
import { AuditSearch } from "#app/(dashboard)/audit/_components/audit-search.tsx";
import { LeaverAccess } from "#app/(dashboard)/audit/_components/leaver-access.tsx";
import { LiveTail } from "#app/(dashboard)/audit/_components/live-tail.tsx";
import { SavedSearches } from "#app/(dashboard)/audit/_components/saved-searches.tsx";
import { AuditTable } from "#app/(dashboard)/audit/_components/audit-table.tsx";
import { ChangeChainPanel, ChangeChainSkeleton } from "#app/(dashboard)/audit/_panels/change-chain-panel.tsx";
import {
  auditHref,
  misunderstoodIn,
  parseAuditParams,
  placeOf,
  queryOf,
  type AuditState,
} from "#app/(dashboard)/audit/search-params.ts";

export const metadata: Metadata = { title: "Audit" };

const SHOWN_DAYS = 30;
const DAY_MS = 86_400_000;
/** What one histogram spans at the most. */
const MOST_DRAWN_DAYS = 395;

export default async function AuditPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/audit", raw));
  const state = parseAuditParams(raw);
  const misunderstood = misunderstoodIn(raw);
  const query = queryOf(state);
  const search = searchOfQuery(query);
  const [page, saved, leavers, windows, record] = await Promise.all([
    attempt(() => searchTrail(context, query, placeOf(state), state.asOf)),
    attempt(() => listSavedSearches(context)),
    attempt(() => listLeaverAccess(context)),
    attempt(() => readChangeWindows(context)),
    state.event === null ? null : attempt(() => readTrailRecord(context, state.event ?? 0)),
  ]);
  if (page.error?.code === "forbidden")
    return (
      <>
        <PageHead />
        <ErrorState error={page.error} />
      </>
    );
  if (misunderstood.length > 0)
    return (
      <>
        <PageHead />
        <AuditSearch state={state} windows={windows.value} />
        <Misunderstood state={state} params={misunderstood} />
      </>
    );
  const range = drawnRange(state, query, page.value, context.now);
  const histogram = range && (await attempt(() => readTrailHistogram(context, { ...query, ...range }, state.asOf)));
  return (
    <>
      <PageHead />
      <AuditSearch state={state} windows={windows.value} />
      {leavers.value === null ? null : <LeaverAccess access={leavers.value} />}
      <SavedSearches
        saved={saved.value ?? []}
        isKnown={saved.error === null}
        open={state.saved}
        search={Object.values(search).some((value) => value !== null) ? search : null}
      />
      {histogram === null ? (
        <p className="mt-4 text-xs text-soft">This time has not come yet.</p>
      ) : histogram.error === null ? (
        <AuditHistogram
          state={state}
          histogram={histogram.value}
          mayHaveOlder={state.from === null && mayHaveOlder(page.value, histogram.value.from)}
        />
      ) : (
        <p className="mt-4 text-xs text-soft">
          {histogram.error.message} {histogram.error.remedy}
        </p>
      )}
      {record === null ? null : record.error === null ? (
        <AuditRecord
          state={state}
          record={record.value}
          chain={
            <Suspense key={record.value.seq} fallback={<ChangeChainSkeleton />}>
              <ChangeChainPanel context={context} state={state} seq={record.value.seq} />
            </Suspense>
          }
        />
      ) : (
        <div className="mt-4">
          <ErrorState error={record.error} />
        </div>
      )}
      {page.error === null && page.value.rows.length > 0 ? (
        <AuditExport key={JSON.stringify([search, state.asOf])} search={search} asOf={state.asOf} />
      ) : null}
      <div className="mt-4 space-y-2">
        {state.before === null && query.to === null ? <LiveTail /> : null}
        {page.error === null ? <AuditTable state={state} page={page.value} /> : <ErrorState error={page.error} />}
      </div>
    </>
  );
}

function PageHead() {
  return (
    <>
      <h1 className="text-xl">Who did what, where and when?</h1>
      <p className="mt-1 mb-4 max-w-prose text-soft">
        One log over clouds, clusters and Bursar itself, in order of arrival. It only grows, and a tree of hashes shows
        that nothing in it was changed.{" "}
        <Link href="/audit/gaps" className="link">
          What is missing from it?
        </Link>{" "}
        <Link href="/audit/retention" className="link">
          What is kept, and for how long?
        </Link>{" "}
        <Link href="/audit/heads" className="link">
          What was published of it?
        </Link>{" "}
        <Link href="/activity" className="link">
          What was done in Bursar?
        </Link>
      </p>
    </>
  );
}

function Misunderstood({ state, params }: { state: AuditState; params: readonly { name: string; value: string }[] }) {
  return (
    <div className="mt-4">
      <EmptyState
        title="A part of this search is not understood, so that nothing is shown."
        action={
          <Link href={auditHref(state)} className="link">
            Search without it
          </Link>
        }
      >
        {params.map(({ name, value }) => (
          <p key={name} className="break-all">
            <code>{name}</code> is{" "}
            {value.length > 80 ? `${value.slice(0, 80)}… (${value.length} characters)` : `“${value}”`}
          </p>
        ))}
      </EmptyState>
    </div>
  );
}

/** Which time is drawn: the one that is asked for; otherwise the last 30 days, and before them as far as the page of the list goes. Null = it has not come yet. */
function drawnRange(
  state: AuditState,
  query: TrailQuery,
  page: TrailPage | null,
  now: Date,
): { from: Date; to: Date } | null {
  const to = query.to ?? now;
  if (state.from !== null) return query.to === null && state.from >= now ? null : { from: state.from, to };
  const oldest = page?.rows.at(-1);
  const days = [to.getTime() - SHOWN_DAYS * DAY_MS, oldest ? Date.parse(oldest.at) : Infinity];
  return { from: new Date(Math.max(to.getTime() - MOST_DRAWN_DAYS * DAY_MS, Math.min(...days))), to };
}

function mayHaveOlder(page: TrailPage | null, since: string): boolean {
  const oldest = page?.rows.at(-1);
  return page !== null && (page.next !== null || (oldest !== undefined && oldest.at < since));
}
