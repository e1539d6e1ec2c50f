import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import type { ReadOptions, SourceFinding } from "#lib/sources/source.ts";

/** Events that are kept together, with what holds once they are. */
export type EventBatch = {
  /** At most 20,000. What the log has already is passed over, by source, key and time. */
  events: TrailEvent[];
  /** Where reading goes on after these: JSON of the source's own, handed back with the next reading of the slice. */
  cursor: unknown;
  /** What was noticed on the way; told once each, by file, code and message. */
  findings: SourceFinding[];
};

export type ReadEventsOptions = ReadOptions & {
  /** The instant of the look. */
  now: Date;
  /** Of the last batch that was kept; null = nothing was read yet. */
  cursor: unknown;
};

/**
 * What a slice of a trail has beyond the cursor, batch after batch in an order of the source's choice. Batches that were handed out and not
 * kept are asked for again; delivering one twice changes nothing.
 */
export type EventReading = AsyncIterable<EventBatch>;
