import Link from "next/link";
import { formatCount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { day } from "#lib/domain/period.ts";
import type { GapView, SourceGaps } from "#lib/services/trail/search/trail-view.ts";
import { auditHref, NOTHING } from "#app/(dashboard)/audit/search-params.ts";

const AROUND_MS = 15 * 60_000;
const KINDS: Record<GapView["kind"], string> = { silence: "Silence", file: "File", unread: "Not read" };

/** One source: whether it has gaps in the range, and each of them as a sentence. */
export function SourceGapsSection({ source, from, to }: { source: SourceGaps; from: string; to: string }) {
  const { key, title, state, readAt, events, gaps, notListed } = source;
  return (
    <section aria-labelledby={`source-${key}`}>
      <h2 id={`source-${key}`} className="font-semibold">
        {title}
      </h2>
      <p className="mt-0.5 text-xs text-soft">
        <Link href={auditHref({ ...NOTHING, source: key, from: new Date(from), to: new Date(to) })} className="link">
          {formatCount(events)} {events === 1 ? "event" : "events"}
        </Link>{" "}
        on the days from {formatInstant(from)} to {formatInstant(to)}
        {readAt === null ? "" : ` · read to its end ${formatInstant(readAt)}`}
      </p>
      {gaps.some(({ isClosed }) => !isClosed) ? null : <p className="mt-2">{stateWords(state, source)}</p>}
      {gaps.length === 0 ? null : (
        <ul className="mt-2 border-t border-line" aria-label={`Gaps of ${title}`}>
          {gaps.map((gap, index) => (
            <li key={index} className="grid gap-x-4 border-b border-line py-1.5 sm:grid-cols-[6rem_1fr_max-content]">
              <KindWord gap={gap} />
              <span className="min-w-0 wrap-anywhere">{gap.sentence}</span>
              <AroundLink gap={gap} />
            </li>
          ))}
        </ul>
      )}
      {notListed === 0 ? null : (
        <p className="mt-2 text-xs text-soft">
          {formatCount(notListed)} more, which are older. Choose a shorter range to see them.
        </p>
      )}
    </section>
  );
}

function KindWord({ gap: { kind, isClosed } }: { gap: GapView }) {
  if (isClosed) return <span className="text-soft">Closed</span>;
  return <span className={kind === "silence" ? "text-warn" : "font-medium text-wrong"}>{KINDS[kind]}</span>;
}

/** What is known of the time around it, of everybody. */
function AroundLink({ gap }: { gap: GapView }) {
  if (gap.from === null) return null;
  const start = Date.parse(gap.from);
  const end = gap.to === null ? null : new Date(Date.parse(gap.to) + AROUND_MS);
  const about =
    gap.part.kind === "account"
      ? { account: gap.part.key }
      : gap.part.kind === "cluster"
        ? { cluster: gap.part.key }
        : {};
  return (
    <Link
      href={auditHref({ ...NOTHING, ...about, from: new Date(start - AROUND_MS), to: end })}
      prefetch={false}
      className="link text-xs print:hidden"
    >
      Around it
    </Link>
  );
}

function stateWords(state: SourceGaps["state"], { lastDay }: SourceGaps): string {
  if (state === "never")
    return "Nothing ever came from it: it is configured, and no event of it is in the trail. Sources says whether it was read.";
  if (state === "empty")
    return `Nothing came in this time, and nothing says why.${lastDay === null ? "" : ` Its newest event is of ${formatDay(day(lastDay))}.`}`;
  return "No gap was found: no silence that is unusual for it, no file that is missing or changed still, no failed reading.";
}
