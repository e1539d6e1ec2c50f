import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { searchOfQuery } from "#lib/services/trail/search/trail-search.ts";
import { listLeaverAccess } from "#lib/services/trail/search/list-leaver-access.ts";
import { listSavedSearches } from "#lib/services/trail/search/list-saved-searches.ts";
import { readChangeWindows } from "#lib/services/trail/change/read-change-windows.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
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
import { parseAuditParams, placeOf, queryOf } from "#app/(dashboard)/audit/search-params.ts";

export const metadata: Metadata = { title: "Audit" };

const SHOWN_DAYS = 30;
const DAY_MS = 86_400_000;

export default async function AuditPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/audit", raw));
  const state = parseAuditParams(raw);
  const query = queryOf(state);
  const search = searchOfQuery(query);
  const to = query.to ?? context.now;
  const from = state.from ?? new Date(to.getTime() - SHOWN_DAYS * DAY_MS);
  const [page, saved, leavers, windows, histogram, record] = await Promise.all([
    attempt(() => searchTrail(context, query, placeOf(state))),
    attempt(() => listSavedSearches(context)),
    attempt(() => listLeaverAccess(context)),
    attempt(() => readChangeWindows(context)),
    attempt(() => readTrailHistogram(context, { ...query, from, to })),
    state.event === null ? null : attempt(() => readTrailRecord(context, state.event ?? 0)),
  ]);
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
      <AuditSearch state={state} windows={windows.value} />
      {leavers.value === null ? null : <LeaverAccess access={leavers.value} />}
      <SavedSearches
        saved={saved.value ?? []}
        isKnown={saved.error === null}
        open={state.saved}
        search={Object.values(search).some((value) => value !== null) ? search : null}
      />
      {histogram.error === null ? (
        <AuditHistogram state={state} histogram={histogram.value} />
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
        <AuditExport key={JSON.stringify(search)} search={search} />
      ) : null}
      <div className="mt-4 space-y-2">
        {state.before === null && query.to === null ? <LiveTail /> : null}
        {page.error === null ? <AuditTable state={state} page={page.value} /> : <ErrorState error={page.error} />}
      </div>
    </>
  );
}
