import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { Outcome } from "#lib/domain/trail/trail-event.ts";
import type { TrailEventView, TrailPage } from "#lib/services/trail/search/trail-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { EmptyState } from "#app/_components/ui/states.tsx";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

const OUTCOMES: Record<Outcome, string> = { success: "done", failure: "failed", denied: "refused" };

/** Events newest first. Whatever stands in a row narrows the list to it; the time opens the event. */
export function AuditTable({ state, page }: { state: AuditState; page: TrailPage }) {
  if (page.rows.length === 0)
    return (
      <EmptyState title="No event fits.">
        Remove a filter, or take a longer range. What a source has not delivered is not here: Sources says how far each
        one is.
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
                <th key={heading} scope="col" className={classNames("h-8 text-left font-medium", column > 0 && "pl-4")}>
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
      <td className="py-1.5 whitespace-nowrap">
        <Link href={auditHref(state, { event: row.seq })} prefetch={false} scroll={false} className="way-down">
          {formatInstant(row.at)}
        </Link>
      </td>
      <td className="max-w-72 py-1.5 pl-4">
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
      <td className="max-w-72 py-1.5 pl-4">
        <Narrow state={state} changes={{ action: row.action }} text={row.action} title={row.action} />
      </td>
      <td className="max-w-80 py-1.5 pl-4">
        {row.resource === "" ? (
          <span className="text-soft">not told</span>
        ) : (
          <Narrow state={state} changes={{ resource: row.resource }} text={row.resource} title={row.resource} />
        )}
      </td>
      <td className="max-w-48 py-1.5 pl-4">
        {where === null ? null : <Narrow state={state} changes={whereChange} text={where} title={where} />}
      </td>
      <td className="py-1.5 pl-4 whitespace-nowrap">
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
