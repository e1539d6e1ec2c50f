import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { Outcome } from "#lib/domain/trail/trail-event.ts";
import type { TrailEventView, TrailPage } from "#lib/services/trail/search/trail-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { EmptyState } from "#app/_components/ui/states.tsx";
import { auditHref, EVENT_ID, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

/** Columns that a small screen has no room for; what matters most of them stands below what was done. */
const WIDE = "max-sm:hidden";
const OUTCOMES: Record<Outcome, string> = { success: "done", failure: "failed", denied: "refused" };

/** Events newest first. Whatever stands in a row narrows the list to it; the time opens the event. */
export function AuditTable({ state, page }: { state: AuditState; page: TrailPage }) {
  if (page.rows.length === 0)
    return (
      <EmptyState title="No event fits.">
        {state.q === null
          ? "Remove a filter, or take a longer range."
          : "Words are looked for in actions, resources, actors, people, namespaces and numbers of accounts, each by itself; not in records, addresses, clusters and sources. An event leads to what came from its address."}{" "}
        {state.asOf === null
          ? "What a source has not delivered is not here: Sources says how far each one is."
          : `Nothing is here that was published of the log after ${formatInstant(state.asOf)}, whenever it happened.`}
      </EmptyState>
    );
  return (
    <>
      <div className="relative overflow-x-auto" role="region" aria-label="Events" tabIndex={0}>
        <table className="w-full" data-rows="many">
          <caption className="sr-only">Events, newest first</caption>
          <thead className="border-b border-line-strong text-xs text-soft">
            <tr>
              {["When", "Who", "Did", "To what", "Where", "Outcome"].map((heading, column) => (
                <th
                  key={heading}
                  scope="col"
                  className={classNames("h-8 text-left font-medium", column > 0 && "pl-4", column > 2 && WIDE)}
                >
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.rows.map((row) => (
              <EventRow key={row.seq} row={row} state={state} />
            ))}
          </tbody>
        </table>
      </div>
      <nav aria-label="Pages of the log" className="mt-3 flex gap-2 print:hidden">
        {state.before === null ? null : (
          <Link href={auditHref(state, { before: null })} className={buttonClass("plain", "small")}>
            Newest
          </Link>
        )}
        {page.next === null ? null : (
          <Link
            href={auditHref(state, { before: `${page.next.at},${page.next.seq}`, event: null })}
            className={buttonClass("plain", "small")}
          >
            Older
          </Link>
        )}
      </nav>
    </>
  );
}

function EventRow({ row, state }: { row: TrailEventView; state: AuditState }) {
  const where = row.namespace ?? row.clusterKey ?? row.accountId;
  const whereChange = row.namespace
    ? { namespace: row.namespace, cluster: row.clusterKey }
    : row.clusterKey
      ? { cluster: row.clusterKey }
      : { account: row.accountId };
  return (
    <tr className={classNames("border-b border-line align-top", state.event === row.seq && "bg-hover")}>
      <td className="min-w-20 py-1.5 sm:whitespace-nowrap">
        <Link href={`${auditHref(state, { event: row.seq })}#${EVENT_ID}`} prefetch={false} className="way-down">
          {formatInstant(row.at)}
        </Link>
      </td>
      <td className="max-w-28 py-1.5 pl-4 sm:max-w-56">
        {row.forgotten === "dropped" ? (
          <span className="text-soft">kept no longer</span>
        ) : (
          <Narrow
            state={state}
            changes={{ actor: row.actor }}
            text={row.person ?? shortActor(row.actor)}
            title={row.actor}
          />
        )}
      </td>
      <td className="max-w-36 py-1.5 pl-4 sm:max-w-64">
        <Narrow state={state} changes={{ action: row.action }} text={row.action} title={row.action} />
        <span className="block truncate text-xs text-soft sm:hidden">
          {row.outcome === "success" ? row.resource : `${OUTCOMES[row.outcome]}: ${row.resource}`}
        </span>
      </td>
      <td className={classNames("max-w-72 py-1.5 pl-4", WIDE)}>
        {row.resource === "" ? (
          <span className="text-soft">not told</span>
        ) : (
          <Narrow state={state} changes={{ resource: row.resource }} text={row.resource} title={row.resource} />
        )}
      </td>
      <td className={classNames("max-w-40 py-1.5 pl-4", WIDE)}>
        {where === null ? null : <Narrow state={state} changes={whereChange} text={where} title={where} />}
      </td>
      <td className={classNames("py-1.5 pl-4 whitespace-nowrap", WIDE)}>
        {row.outcome === "success" ? (
          <span className="text-soft">{OUTCOMES[row.outcome]}</span>
        ) : (
          <span className="font-medium text-wrong">{OUTCOMES[row.outcome]}</span>
        )}
      </td>
    </tr>
  );
}

function Narrow(props: { state: AuditState; changes: Partial<AuditState>; text: string; title: string }) {
  return (
    <Link
      href={auditHref(props.state, props.changes)}
      prefetch={false}
      title={props.title}
      className="way-down block truncate"
    >
      {props.text}
    </Link>
  );
}

/** The end of an ARN tells people more than its beginning. */
function shortActor(actor: string): string {
  return actor.startsWith("arn:") ? (actor.split(":").at(-1) ?? actor) : actor;
}
