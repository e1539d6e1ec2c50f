import Link from "next/link";
import { formatCount, formatDay } from "#lib/domain/format.ts";
import { day } from "#lib/domain/period.ts";
import type { LeaverAccess as Access } from "#lib/services/trail/search/trail-view.ts";
import { auditHref, NOTHING } from "#app/(dashboard)/audit/search-params.ts";

/** Who did something after they had left, each leading to what it was. */
export function LeaverAccess({ access }: { access: Access }) {
  const { left, isCut, rows } = access;
  if (left === 0) return null;
  const looked = `${isCut ? "the last " : ""}${formatCount(left)} who left`;
  return (
    <p className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs print:hidden">
      <span className="text-soft">
        Access by leavers:{" "}
        {rows.length === 0 ? `no event names one of ${looked}` : `${formatCount(rows.length)} of ${looked}`}
      </span>
      {rows.map(({ mail, name, leftAt, events }) => (
        <Link
          key={mail}
          href={auditHref({ ...NOTHING, person: mail, from: new Date(leftAt) })}
          prefetch={false}
          className="link inline-block min-h-6"
        >
          {name}, left {formatDay(day(leftAt))}: {formatCount(events)} {events === 1 ? "event" : "events"} since
        </Link>
      ))}
    </p>
  );
}
