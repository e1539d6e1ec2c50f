import type { Metadata } from "next";
import Link from "next/link";
import { readRetention } from "#lib/services/trail/read-retention.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { requireContext } from "#app/_session.ts";
import { HoldList } from "#app/(dashboard)/audit/retention/_components/hold-list.tsx";
import { PlaceHold } from "#app/(dashboard)/audit/retention/_components/place-hold.tsx";
import { RetentionTable } from "#app/(dashboard)/audit/retention/_components/retention-table.tsx";

export const metadata: Metadata = { title: "Retention of the trail" };

export default async function RetentionPage() {
  const context = await requireContext("/audit/retention");
  const { value: view, error } = await attempt(() => readRetention(context));
  return (
    <>
      <h1 className="text-xl">What is kept of the trail, and for how long?</h1>
      <p className="mt-1 mb-6 max-w-prose text-soft">
        When the time of a class is over, its records are dropped: who it was, the record itself, and the ways to find
        it. What was done, when and to what stays, and so do all hashes: every proof still holds, and the{" "}
        <Link href="/audit?source=bursar&action=retention.dropped" className="link">
          log says what was dropped when
        </Link>
        .
      </p>
      {view === null ? (
        <ErrorState error={error} />
      ) : (
        <div className="space-y-10">
          <RetentionTable classes={view.classes} now={context.now.toISOString()} />
          <section aria-labelledby="holds">
            <h2 id="holds" className="font-semibold">
              Legal holds
            </h2>
            <p className="mt-0.5 mb-3 max-w-prose text-xs text-soft">
              Nothing inside of a hold is dropped or gets a pseudonym, from the moment it is placed. Auditors and
              administrators place and lift them, never about themselves.
            </p>
            {view.mayHold ? <PlaceHold /> : null}
            <HoldList holds={view.holds} isCut={view.isCut} mayHold={view.mayHold} />
          </section>
        </div>
      )}
    </>
  );
}
