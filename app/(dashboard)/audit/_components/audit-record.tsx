import Link from "next/link";
import type { ReactNode } from "react";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { TrailRecord } from "#lib/services/trail/search/trail-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { ForgottenRecord } from "#app/(dashboard)/audit/_components/forgotten-record.tsx";
import { auditHref, EVENT_ID, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

const NOT_TOLD = "not told";
const GONE = "dropped with its record";
/** More than anybody reads on a page. */
const MOST_SHOWN_CHARACTERS = 200_000;
const AROUND_MS = 15 * 60_000;

/** One event, with what its trail wrote of it, its place in the log, and the ways to what happened around it. */
export function AuditRecord({ state, record, chain }: { state: AuditState; record: TrailRecord; chain: ReactNode }) {
  const at = Date.parse(record.at);
  const around = { from: new Date(at - AROUND_MS), to: new Date(at + AROUND_MS), q: null, action: null, outcome: null };
  const isDropped = record.forgotten?.kind === "retention";
  const facts: [string, ReactNode][] = [
    ["Happened", `${formatInstant(record.at)}, exactly ${record.at}`],
    ["Arrived", `${formatInstant(record.receivedAt)} from ${record.sourceKey}`],
    ["Who", whoWords(record)],
    ["From", isDropped ? GONE : <FromAddress state={state} address={record.sourceAddress} />],
    ["To what", record.resource === "" ? null : record.resource],
    [
      "Where",
      [record.accountId, record.region, record.clusterKey, record.namespace].filter(Boolean).join(" · ") || null,
    ],
    ...(record.mfa === null
      ? []
      : [["Second factor", record.mfa === "yes" ? "used" : "not used"] satisfies [string, string]]),
    ["Place in the log", `${record.seq}`],
    ["Hash of its leaf", record.leaf],
  ];
  return (
    <section
      id={EVENT_ID}
      tabIndex={-1}
      aria-label={`Event ${record.seq}`}
      className="mt-4 scroll-mt-4 border border-line-strong bg-surface p-4"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="min-w-0 text-base font-semibold break-words">{record.action}</h2>
        <Link href={auditHref(state, { event: null })} scroll={false} className={buttonClass("plain", "small")}>
          Close
        </Link>
      </div>
      {record.isAsLogged ? null : <AlteredRecord />}
      <dl className="mt-3 grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="mb-1 min-w-0 break-all sm:mb-0">
              {value === null || value === GONE ? <span className="text-soft">{value ?? NOT_TOLD}</span> : value}
            </dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 flex flex-wrap gap-x-4 text-xs">
        {record.actor === "" ? null : (
          <Link
            href={auditHref(state, { ...around, actor: record.actor, resource: null, event: record.seq })}
            className="link"
          >
            The same actor, 15 minutes before and after
          </Link>
        )}
        {record.person === null ? null : (
          <Link
            href={auditHref(state, {
              q: null,
              actor: null,
              action: null,
              resource: null,
              from: null,
              to: null,
              person: record.person,
            })}
            className="link"
          >
            All that {record.person} did
          </Link>
        )}
        {record.resource === "" ? null : (
          <Link
            href={auditHref(state, {
              q: null,
              actor: null,
              action: null,
              from: null,
              to: null,
              resource: record.resource,
            })}
            className="link"
          >
            All that befell {record.resource}
          </Link>
        )}
        <a href={`/api/v1/trail/proof?entry=${record.seq}`} className="link">
          The proof that it is in the published log
        </a>
      </p>
      {record.record === null && record.isAsLogged ? <ForgottenRecord record={record} state={state} /> : null}
      {chain}
      {record.record === null ? null : <RecordText text={JSON.stringify(record.record, null, 2)} />}
    </section>
  );
}

function RecordText({ text }: { text: string }) {
  return (
    <details className="mt-4" open>
      <summary className="min-h-6 text-xs text-soft">The record itself</summary>
      {text.length > MOST_SHOWN_CHARACTERS ? (
        <p className="mt-1 text-xs">
          The first {formatCount(MOST_SHOWN_CHARACTERS)} of {formatCount(text.length)} characters. An export has all of
          them.
        </p>
      ) : null}
      <pre
        tabIndex={0}
        aria-label="The record"
        className="mt-1 max-h-96 overflow-auto border border-line bg-sunk px-3 py-2 text-xs"
      >
        {text.slice(0, MOST_SHOWN_CHARACTERS)}
      </pre>
    </details>
  );
}

/** Leads to all that came from there. */
function FromAddress({ state, address }: { state: AuditState; address: string | null }) {
  if (address === null) return <span className="text-soft">{NOT_TOLD}</span>;
  const changes = { q: null, actor: null, action: null, resource: null, from: null, to: null, address };
  return (
    <Link href={auditHref(state, changes)} className="link">
      {address}
    </Link>
  );
}

function whoWords({ actor, person, forgotten }: TrailRecord): string | null {
  if (actor === "") return forgotten?.kind === "retention" ? GONE : null;
  return person === null || person === actor ? actor : `${person} as ${actor}`;
}

function AlteredRecord() {
  return (
    <section aria-label="Not what was logged" className="mt-4 border-l-2 border-wrong bg-wrong-soft px-4 py-3">
      <h3 className="font-semibold">This is not what was logged</h3>
      <p className="mt-1 max-w-prose text-xs">
        The hash of its leaf in the log is of something else than what is shown here: somebody changed the database. Run{" "}
        <code>bursar verify-trail</code>, which names all that was changed.
      </p>
    </section>
  );
}
