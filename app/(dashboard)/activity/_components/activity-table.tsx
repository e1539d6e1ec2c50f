import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { ActivityView } from "#lib/services/activity/activity-view.ts";
import { EmptyState } from "#app/_components/ui/states.tsx";
import { activityHref } from "#app/(dashboard)/activity/search-params.ts";

/** Entries newest first; the state before and after opens below its entry. */
export function ActivityTable({ rows }: { rows: ActivityView[] }) {
  if (rows.length === 0) return <EmptyState title="Nothing was done yet." />;
  return (
    <div className="relative overflow-x-auto" role="region" aria-label="The log" tabIndex={0}>
      <table className="w-full" data-rows="many">
        <caption className="sr-only">The log, newest first</caption>
        <thead className="border-b border-line-strong text-xs text-soft">
          <tr>
            <th scope="col" className="h-8 text-left font-medium">
              When
            </th>
            <th scope="col" className="pl-4 text-left font-medium">
              Who
            </th>
            <th scope="col" className="pl-4 text-left font-medium">
              Did
            </th>
            <th scope="col" className="pl-4 text-left font-medium">
              To what
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="border-b border-line align-top">
              <td className="py-1.5 whitespace-nowrap text-soft">
                <time dateTime={row.at}>{formatInstant(row.at)}</time>
              </td>
              <td className="py-1.5 pl-4">
                {row.actorId} <span className="text-xs text-soft">{row.role}</span>
              </td>
              <td className="py-1.5 pl-4 whitespace-nowrap">
                <Link href={activityHref({ before: null, action: row.action })} prefetch={false} className="way-down">
                  {row.action}
                </Link>
              </td>
              <td className="py-1.5 pl-4">
                <div className="flex flex-wrap items-baseline gap-x-3">
                  <span className="break-words">{row.subject}</span>
                  <States row={row} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function States({ row }: { row: ActivityView }) {
  const states = [
    { label: "Before", value: row.before },
    { label: "After", value: row.after },
  ].filter(({ value }) => value !== null && value !== undefined);
  if (states.length === 0) return null;
  return (
    <details className="print:hidden">
      <summary className="min-h-6 text-xs text-soft">
        {states.map(({ label }) => label.toLowerCase()).join(" and ")}
      </summary>
      {states.map(({ label, value }) => (
        <pre
          key={label}
          tabIndex={0}
          aria-label={label}
          className="mt-1 max-h-64 overflow-auto border border-line bg-sunk px-3 py-2 text-xs"
        >
          {JSON.stringify(value, null, 2)}
        </pre>
      ))}
    </details>
  );
}
