import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { TrailEventView } from "#lib/services/trail/search/trail-view.ts";

/** The newest events of a trail about one thing, each leading to its record, and all of them. @param href the trail, narrowed to the thing. */
export function RelatedEvents({ events, href }: { events: readonly TrailEventView[]; href: string }) {
  if (events.length === 0)
    return (
      <p className="text-soft">
        No trail has told of it. What a source has not delivered, and what its policy leaves out, is not known.
      </p>
    );
  return (
    <>
      <ul>
        {events.map(({ seq, at, actor, person, action, resource, outcome }) => (
          <li key={seq} className="border-b border-line py-1.5">
            <p className="flex flex-wrap items-baseline gap-x-3">
              <Link href={`${href}&event=${seq}`} prefetch={false} className="way-down whitespace-nowrap">
                <time dateTime={at}>{formatInstant(at)}</time>
              </Link>
              <span className="min-w-0 wrap-anywhere" title={actor}>
                {person ?? actor.split("/").at(-1)}
              </span>
              {outcome === "success" ? null : (
                <span className="font-medium text-wrong">{outcome === "denied" ? "refused" : "failed"}</span>
              )}
            </p>
            <p className="text-xs wrap-anywhere text-soft">
              {action}
              {resource === "" ? null : `, ${resource}`}
            </p>
          </li>
        ))}
      </ul>
      <p className="pt-2">
        <Link href={href} prefetch={false} className="link">
          All of it in the audit trail
        </Link>
      </p>
    </>
  );
}
