import type { Metadata } from "next";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { HeadsView } from "#lib/services/trail/heads/heads-view.ts";
import { readHeads } from "#lib/services/trail/heads/read-heads.ts";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { requireContext } from "#app/_session.ts";
import { HeadPlaces } from "#app/(dashboard)/audit/heads/_components/head-places.tsx";
import { HeadTable } from "#app/(dashboard)/audit/heads/_components/head-table.tsx";
import { PublishHead } from "#app/(dashboard)/audit/heads/_components/publish-head.tsx";

export const metadata: Metadata = { title: "Heads of the trail" };

export default async function HeadsPage() {
  const context = await requireContext("/audit/heads");
  const { value: view, error } = await attempt(() => readHeads(context));
  return (
    <>
      <h1 className="text-xl">What was published of the trail, and where is it kept?</h1>
      <p className="mt-1 mb-4 max-w-prose text-soft">
        A head says how many entries the log has and which root their tree of hashes has, signed. Whoever keeps one
        outside of the database finds any later change to what it holds, to what searches find it by and to what is made
        of it, with <code>bursar verify-trail</code>.
      </p>
      {view === null ? <ErrorState error={error} /> : <Heads view={view} />}
    </>
  );
}

function Heads({ view }: { view: HeadsView }) {
  const [newest] = view.heads;
  const after = view.entries - (newest?.size ?? 0);
  return (
    <div className="space-y-8">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p>
          {newest === undefined
            ? `Nothing is published yet of ${formatCount(view.entries)} entries.`
            : `Published up to ${formatCount(newest.size)} entries, ${formatInstant(newest.at)}; ${after === 0 ? "nothing" : formatCount(after)} came after.`}
        </p>
        {view.mayPublish ? <PublishHead /> : null}
      </div>
      <HeadPlaces places={view.places} stamps={view.stamps} />
      {view.heads.length === 0 ? (
        <EmptyState title="No head was published yet.">
          One is published within five minutes of the first event.
        </EmptyState>
      ) : (
        <HeadTable heads={view.heads} places={view.places} hasStamps={view.stamps !== null} />
      )}
    </div>
  );
}
