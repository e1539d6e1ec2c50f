import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { TrailRecord } from "#lib/services/trail/search/trail-view.ts";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

type ForgottenRecordProps = { record: TrailRecord; state: AuditState };

/** What stands where an event's record was: why it is gone, what stays, and what proves both. */
export function ForgottenRecord({ record, state }: ForgottenRecordProps) {
  const { forgotten, seq } = record;
  if (forgotten === null)
    return (
      <section aria-label="The record is gone" className="mt-4 border-l-2 border-wrong bg-wrong-soft px-4 py-3">
        <h3 className="font-semibold">Its record is gone, and no entry of the log says why</h3>
        <p className="mt-1 max-w-prose text-xs">
          Neither retention nor an order took it, as far as the log tells: somebody changed the database. The hash that
          was published of it still stands. Run <code>bursar verify-trail</code>, which names all that was changed.
        </p>
      </section>
    );
  const { kind, rule, at, entry } = forgotten;
  const isDropped = kind === "retention";
  const facts = [
    ["When", formatInstant(at)],
    [isDropped ? "Under the rule" : "By", rule],
    [
      "Gone",
      isDropped
        ? "The record, who it was, and from where."
        : "The record, and the person’s name, which a pseudonym stands for.",
    ],
    [
      "Stays",
      isDropped
        ? "When it happened and arrived, what was done to what and where, its outcome, its place and the hash of its leaf."
        : "Everything else that is told above, its place and the hash of its leaf.",
    ],
  ] as const;
  return (
    <section aria-label="What became of its record" className="mt-4 border border-line bg-sunk px-4 py-3">
      <h3 className="font-semibold">
        {isDropped ? "Its time was over: the record was dropped" : "A pseudonym was put in its place"}
      </h3>
      <dl className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="mb-1 max-w-prose min-w-0 text-xs wrap-anywhere sm:mb-0">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-2 max-w-prose text-xs">
        <Link href={auditHref(state, { event: entry })} prefetch={false} scroll={false} className="link">
          Entry {entry} of the log
        </Link>{" "}
        says so, and commits to which events it was and to what is left of them. Place {seq} is still in the published
        log:{" "}
        <a href={`/api/v1/trail/proof?entry=${seq}`} className="link">
          the proof
        </a>
        .
      </p>
    </section>
  );
}
