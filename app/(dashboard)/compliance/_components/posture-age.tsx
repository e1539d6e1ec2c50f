import { formatInstant, formatTime } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { PostureGap } from "#lib/services/posture/posture-view.ts";

/** More parts than these are listed when somebody asks. */
const NAMED = 3;

type PostureAgeProps = { view: { lastLook: string | null; at: string; gaps: PostureGap[] }; now: Date };

/** When it was last looked at, and by name what nobody looked at in time. */
export function PostureAge({ view: { lastLook, gaps }, now }: PostureAgeProps) {
  return (
    <div className="text-xs text-soft">
      <p>
        {lastLook === null ? (
          "Never looked at"
        ) : (
          <>
            Last looked at{" "}
            <time dateTime={lastLook}>
              {dayOf(new Date(lastLook)) === dayOf(now) ? formatTime(lastLook) : formatInstant(lastLook)}
            </time>
          </>
        )}
        {gaps.length === 0 ? " · every part was looked at in time" : null}
      </p>
      <GapLines gaps={gaps} />
    </div>
  );
}

/** Parts of sources that nobody looked at in time: what was known of them is not known any more. */
export function GapLines({ gaps }: { gaps: readonly PostureGap[] }) {
  if (gaps.length === 0) return null;
  const rest = gaps.slice(NAMED);
  return (
    <div className="mt-0.5 text-xs text-warn">
      {gaps.slice(0, NAMED).map((gap) => (
        <GapLine key={`${gap.sourceKey} ${gap.part} ${gap.since ?? ""}`} gap={gap} />
      ))}
      {rest.length === 0 ? null : (
        <details>
          <summary className="min-h-6">{rest.length} more parts were not looked at in time</summary>
          {rest.map((gap) => (
            <GapLine key={`${gap.sourceKey} ${gap.part} ${gap.since ?? ""}`} gap={gap} />
          ))}
        </details>
      )}
    </div>
  );
}

function GapLine({ gap: { sourceKey, part, since, until, reason } }: { gap: PostureGap }) {
  const when =
    since === null
      ? "has never been evaluated"
      : until === null
        ? `has not been evaluated since ${formatInstant(since)}`
        : `was not evaluated from ${formatInstant(since)} to ${formatInstant(until)}`;
  return (
    <p>
      {sourceKey}, {part} {when}: counted as not evaluated.{reason === null ? "" : ` ${reason}`}
    </p>
  );
}
