import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { namespaceHref } from "#app/(dashboard)/sprawl/hrefs.ts";

const SHOWN = 20;

/** What changed when, what people did about it in Bursar, and other lives under the same name. */
export function HistoryParts({ view, asOf }: { view: NamespaceView; asOf: string | null }) {
  const { history, events, lives, row } = view;
  return (
    <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
      <Part id="history" title="What changed" of="newest first" isLong>
        {history.length === 0 ? (
          <p className="text-soft">Nothing has changed since it was first seen.</p>
        ) : (
          <PlainTable
            caption="History"
            rows={history}
            rowKey={({ at, kind, text }) => `${at} ${kind} ${text}`}
            shown={SHOWN}
            columns={[
              {
                header: "When",
                cell: ({ at }) => <time dateTime={at}>{formatInstant(at)}</time>,
                className: "whitespace-nowrap align-top",
              },
              { header: "What", cell: ({ text }) => <span className="break-words">{text}</span> },
            ]}
          />
        )}
        {lives.length === 0 ? null : (
          <div className="mt-4">
            <h3 className="text-xs font-medium text-soft">Other lives under this name</h3>
            <ul>
              {lives.map(({ uid, createdAt, firstSeenAt, goneAt }) => (
                <li key={uid}>
                  <Link
                    href={namespaceHref({ clusterKey: row.clusterKey, name: row.name, uid }, asOf)}
                    prefetch={false}
                    className="link"
                  >
                    made {formatInstant(createdAt ?? firstSeenAt)}
                  </Link>{" "}
                  <span className="text-soft">{goneAt === null ? "is there" : `gone ${formatInstant(goneAt)}`}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Part>
      <Part id="events" title="What people did in Bursar" of="newest first" isLong>
        {events.length === 0 ? (
          <p className="text-soft">Nobody has decided anything about it.</p>
        ) : (
          <PlainTable
            caption="Activity"
            rows={events}
            rowKey={({ at, action, detail }) => `${at} ${action} ${detail}`}
            shown={SHOWN}
            columns={[
              {
                header: "When",
                cell: ({ at }) => <time dateTime={at}>{formatInstant(at)}</time>,
                className: "whitespace-nowrap align-top",
              },
              { header: "Who", cell: ({ actor }) => <span className="break-all">{actor}</span> },
              {
                header: "What",
                cell: ({ action, detail }) => (
                  <>
                    {action} <span className="break-words text-soft">{detail}</span>
                  </>
                ),
              },
            ]}
          />
        )}
      </Part>
    </div>
  );
}
