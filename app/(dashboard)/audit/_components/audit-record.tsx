import Link from "next/link";
import type { ReactNode } from "react";
import { formatInstant } from "#lib/domain/format.ts";
import type { TrailRecord } from "#lib/services/trail/trail-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

const AROUND_MS = 15 * 60_000;

/** One event, with what its trail wrote of it, its place in the log, and the ways to what happened around it. */
export function AuditRecord({ state, record, chain }: { state: AuditState; record: TrailRecord; chain: ReactNode }) {
  const at = Date.parse(record.at);
  const around = { from: new Date(at - AROUND_MS), to: new Date(at + AROUND_MS), q: null, action: null, outcome: null };
  const facts: [string, string | null][] = [
    ["Happened", formatInstant(record.at)],
    ["Arrived", `${formatInstant(record.receivedAt)} from ${record.sourceKey}`],
    ["Who", whoWords(record)],
    ["From", record.sourceAddress],
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
    <section aria-label={`Event ${record.seq}`} className="mt-4 border border-line-strong bg-surface p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 className="min-w-0 text-base font-semibold break-words">{record.action}</h2>
        <Link href={auditHref(state, { event: null })} scroll={false} className={buttonClass("plain", "small")}>
          Close
        </Link>
      </div>
      <dl className="mt-3 grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-xs text-soft">{name}</dt>
            <dd className="mb-1 min-w-0 break-all sm:mb-0">{value ?? <span className="text-soft">not told</span>}</dd>
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
      {chain}
      <details className="mt-4" open>
        <summary className="min-h-6 text-xs text-soft">The record itself</summary>
        {record.record === null ? (
          <p className="mt-1 text-xs">
            <ForgottenWords forgotten={record.forgotten} state={state} />
          </p>
        ) : (
          <pre
            tabIndex={0}
            aria-label="The record"
            className="mt-1 max-h-96 overflow-auto border border-line bg-sunk px-3 py-2 text-xs"
          >
            {JSON.stringify(record.record, null, 2)}
          </pre>
        )}
      </details>
    </section>
  );
}

function whoWords({ actor, person }: TrailRecord): string | null {
  if (actor === "") return null;
  return person === null ? actor : `${person} as ${actor}`;
}

function ForgottenWords({ forgotten, state }: { forgotten: TrailRecord["forgotten"]; state: AuditState }) {
  if (forgotten === null)
    return (
      <span className="font-medium text-wrong">
        Its record is gone, and no entry of the log says why. Verify the trail.
      </span>
    );
  const { kind, rule, at, entry } = forgotten;
  return (
    <>
      {kind === "retention"
        ? `Dropped by retention on ${formatInstant(at)} under the rule “${rule}”.`
        : `Pseudonymised on ${formatInstant(at)} by ${rule}.`}{" "}
      The hash of its leaf is kept, and{" "}
      <Link href={auditHref(state, { event: entry })} scroll={false} className="link">
        entry {entry} of the log
      </Link>{" "}
      says so.
    </>
  );
}
