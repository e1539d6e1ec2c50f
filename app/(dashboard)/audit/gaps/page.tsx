import type { Metadata } from "next";
import { listGaps } from "#lib/services/trail/search/list-gaps.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { DayInput } from "#app/(dashboard)/audit/_components/day-input.tsx";
import { SourceGapsSection } from "#app/(dashboard)/audit/gaps/_components/source-gaps.tsx";
import { parseAuditParams } from "#app/(dashboard)/audit/search-params.ts";

export const metadata: Metadata = { title: "Gaps of the trail" };

const SHOWN_MS = 7 * 86_400_000;

export default async function GapsPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/audit/gaps", raw));
  const { from: asked, to: end, asOf } = parseAuditParams(raw);
  const to = end ?? asOf ?? context.now;
  const from = asked ?? new Date(to.getTime() - SHOWN_MS);
  const { value: gaps, error } = await attempt(() => listGaps(context, { from, to, asOf }));
  return (
    <>
      <h1 className="text-xl">What is missing from the trail?</h1>
      <p className="mt-1 mb-4 max-w-prose text-soft">
        When nothing came although something usually does; which files are missing or changed; what could not be read.
        Where no gap is found, the trail is as whole as its sources can show.
        {asOf === null ? null : " By what had arrived and had been read by the instant above."}
      </p>
      <form action="/audit/gaps" className="mb-6 flex flex-wrap items-end gap-2 print:hidden">
        {asOf === null ? null : <input type="hidden" name="asOf" value={asOf.toISOString()} />}
        <DayInput label="From" name="from" value={from} />
        <DayInput label="To, not included" name="to" value={end} />
        <button type="submit" className={buttonClass("primary")}>
          Show
        </button>
      </form>
      {gaps === null ? (
        <ErrorState error={error} />
      ) : gaps.sources.length === 0 ? (
        <EmptyState
          title={
            asOf === null ? "No source of events is configured." : "No source of events was configured at that instant."
          }
        >
          Name one in bursar.yaml: CloudTrail, audit logs of clusters, Azure’s activity log. Until then the trail has
          only what was done in Bursar.
        </EmptyState>
      ) : (
        <div className="space-y-8">
          {gaps.sources.map((source) => (
            <SourceGapsSection key={source.key} source={source} from={gaps.from} to={gaps.to} />
          ))}
        </div>
      )}
    </>
  );
}
