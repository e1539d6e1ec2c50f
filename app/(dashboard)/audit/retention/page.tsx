import type { Metadata } from "next";
import Link from "next/link";
import { readRetention } from "#lib/services/trail/retention/read-retention.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { requireContext } from "#app/_session.ts";
import { HoldList } from "#app/(dashboard)/audit/retention/_components/hold-list.tsx";
import { PlaceHold } from "#app/(dashboard)/audit/retention/_components/place-hold.tsx";
import { Pseudonymise } from "#app/(dashboard)/audit/retention/_components/pseudonymise.tsx";
import { PseudonymOrders } from "#app/(dashboard)/audit/retention/_components/pseudonym-orders.tsx";
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
          <section aria-labelledby="people">
            <h2 id="people" className="font-semibold">
              Personal data
            </h2>
            <p className="mt-0.5 mb-3 max-w-prose text-xs text-soft">
              On order a person gets a pseudonym wherever the log has them now: in what they did and in what names them.
              The records themselves go, the hashes of their leaves stay. Everything of one person is found by{" "}
              <Link href="/audit" className="link">
                the search
              </Link>
              ; only administrators order a pseudonym, never about themselves, and never while a legal hold is on the
              person.
            </p>
            {view.mayPseudonymise ? <Pseudonymise /> : null}
            <PseudonymOrders orders={view.pseudonyms} />
          </section>
        </div>
      )}
    </>
  );
}
