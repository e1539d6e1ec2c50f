import Link from "next/link";
import { formatCount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { day } from "#lib/domain/period.ts";
import type { KeepClass } from "#lib/domain/trail/retention.ts";
import type { RetentionClassView } from "#lib/services/trail/retention/retention-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

const WORDS: Record<KeepClass, { title: string; detail: string; href: string }> = {
  read: { title: "Reads", detail: "what only looks at something", href: "/audit?class=read" },
  write: { title: "Changes", detail: "what changes something", href: "/audit?class=write" },
  admin: { title: "Administration", detail: "permissions, trails, keys", href: "/audit?class=admin" },
  "sign-in": { title: "Sign-ins", detail: "to a cloud or to Bursar", href: "/audit?q=signin" },
  bursar: { title: "Bursar", detail: "what was done in Bursar itself", href: "/audit?source=bursar" },
};
const HEADINGS = ["Class", "Kept", "Events with a record", "Oldest", "Dropped so far", "Due now", "Due in 30 days"];

/** Class by class: how long it is kept, what was dropped and what will be next. */
export function RetentionTable({ classes, now }: { classes: RetentionClassView[]; now: string }) {
  const isSet = classes.some(({ keep }) => keep !== null);
  return (
    <section aria-labelledby="classes">
      <h2 id="classes" className="font-semibold">
        By class
      </h2>
      <p className="mt-0.5 mb-2 max-w-prose text-xs text-soft">
        {isSet
          ? "Times are set in bursar.yaml under audit.retention. What is due is dropped within the hour, unless it is held."
          : "No time is set in bursar.yaml under audit.retention, so that nothing is ever dropped."}{" "}
        Counted in whole days, as of {formatInstant(now)}.
      </p>
      <div className="relative overflow-x-auto" role="region" aria-label="Retention by class" tabIndex={0}>
        <table className="w-full">
          <caption className="sr-only">Retention by class of events</caption>
          <thead className="border-b border-line-strong text-xs text-soft">
            <tr>
              {HEADINGS.map((heading, column) => (
                <th
                  key={heading}
                  scope="col"
                  className={classNames(
                    "h-8 pl-4 font-medium whitespace-nowrap first:pl-0",
                    column > 1 && column !== 3 ? "text-right" : "text-left",
                  )}
                >
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((row) => (
              <ClassRow key={row.keepClass} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ClassRow({ row }: { row: RetentionClassView }) {
  const { keepClass, keep, whole, oldest, dropped, droppedAt, due, dueSoon } = row;
  const { title, detail, href } = WORDS[keepClass];
  const number = "py-1.5 pl-4 text-right tabular-nums whitespace-nowrap";
  return (
    <tr className="border-b border-line align-top">
      <th scope="row" className="py-1.5 text-left font-normal">
        <Link href={href} prefetch={false} className="way-down font-medium">
          {title}
        </Link>
        <span className="block text-xs text-soft">{detail}</span>
      </th>
      <td className="py-1.5 pl-4 whitespace-nowrap">{keep ?? <span className="text-soft">for ever</span>}</td>
      <td className={number}>{formatCount(whole)}</td>
      <td className="py-1.5 pl-4 whitespace-nowrap">{oldest === null ? "" : formatDay(day(oldest))}</td>
      <td className={number}>
        {formatCount(dropped)}
        {droppedAt === null ? null : <span className="block text-xs text-soft">last {formatInstant(droppedAt)}</span>}
      </td>
      <td className={number}>{keep === null ? <span className="text-soft">none</span> : formatCount(due)}</td>
      <td className={number}>{keep === null ? <span className="text-soft">none</span> : formatCount(dueSoon)}</td>
    </tr>
  );
}
