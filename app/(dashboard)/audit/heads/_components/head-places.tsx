import { Check, CircleAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { HeadPlaceView, StampsView } from "#lib/services/trail/heads/heads-view.ts";

/** Each place outside of the database: up to which head it has them, and what keeps it from the others. */
export function HeadPlaces({ places, stamps }: { places: HeadPlaceView[]; stamps: StampsView | null }) {
  const isOnlyFile = places.length === 1;
  return (
    <section aria-labelledby="places">
      <h2 id="places" className="font-semibold">
        Outside of the database
      </h2>
      <ul aria-label="Places" className="mt-2 border-t border-line">
        {places.map((place) => (
          <Line
            key={place.name}
            title={place.name === "file" ? "File trail/heads.jsonl in Bursar’s home folder" : place.name}
            state={placeWords(place)}
            detail={lockWords(place)}
            isLate={place.waiting > 0}
            failure={place.failure}
          />
        ))}
        {stamps === null ? null : (
          <Line
            title={`Time stamps by ${stamps.url}`}
            state={
              stamps.newest === null
                ? "No head is stamped yet."
                : `The first ${formatCount(stamps.newest.size)} entries were there at ${formatInstant(stamps.newest.stampedAt)}.`
            }
            detail="A stamp of one head covers all earlier ones."
            isLate={stamps.newest === null}
            failure={stamps.failure}
          />
        )}
      </ul>
      {isOnlyFile ? (
        <p className="mt-2 max-w-prose text-xs text-soft">
          Whoever owns this machine owns that file as well. Copy it away, or name a bucket with Object Lock in
          bursar.yaml under audit.heads.
        </p>
      ) : null}
    </section>
  );
}

type LineProps = {
  title: string;
  state: string;
  detail: string | null;
  isLate: boolean;
  failure: HeadPlaceView["failure"];
};

function Line({ title, state, detail, isLate, failure }: LineProps) {
  return (
    <li className="flex items-baseline gap-2 border-b border-line py-2">
      <Mark>
        {failure !== null ? (
          <TriangleAlert size={14} role="img" aria-label="Failed" className="text-wrong" />
        ) : isLate ? (
          <CircleAlert size={14} role="img" aria-label="Late" className="text-warn" />
        ) : (
          <Check size={14} role="img" aria-label="Up to date" className="text-accent" />
        )}
      </Mark>
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{title}</p>
        <p>{state}</p>
        {detail === null ? null : <p className="text-xs text-soft">{detail}</p>}
        {failure === null ? null : (
          <p className="text-xs wrap-anywhere text-wrong">
            Since {formatInstant(failure.since)}: {failure.error.message} {failure.error.remedy}
          </p>
        )}
      </div>
    </li>
  );
}

function Mark({ children }: { children: ReactNode }) {
  return <span className="shrink-0 translate-y-0.5">{children}</span>;
}

function placeWords({ newest, waiting, waitingSince }: HeadPlaceView): string {
  const upTo =
    newest === null
      ? "No head is there yet"
      : `Up to ${formatCount(newest.size)} entries, published ${formatInstant(newest.at)} and written ${formatInstant(newest.copiedAt)}`;
  if (waiting === 0 || waitingSince === null) return `${upTo}.`;
  return `${upTo}; ${formatCount(waiting)} ${waiting === 1 ? "head waits" : "heads wait"}, the oldest since ${formatInstant(waitingSince)}.`;
}

function lockWords({ lock }: HeadPlaceView): string | null {
  if (lock === null) return null;
  return `Object Lock in the mode ${lock.mode}, ${formatCount(lock.days)} days from when a head is written.`;
}
