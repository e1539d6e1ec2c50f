import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { listEventFiles } from "#lib/sources/event-files/list-event-files.ts";
import { eventFilesCursor, readEventFiles, type FileRecord } from "#lib/sources/event-files/read-event-files.ts";
import { finding } from "#lib/sources/finding.ts";
import { cutRecord } from "#lib/sources/kubernetes-audit/cut-record.ts";
import { parseAuditEvent, type AuditOrigin } from "#lib/sources/kubernetes-audit/parse-events.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

/**
 * The audit log of one cluster as files. A line that is no event is a finding and holds up none of the others; one that was cut off is kept as
 * far as it goes.
 */
export async function* readAuditFiles(origin: AuditOrigin, path: string, options: ReadEventsOptions): EventReading {
  const { cursor, now, signal, onProgress } = options;
  const files = await listEventFiles(path, now);
  const known = cursor === null ? null : eventFilesCursor.parse(cursor);
  let done = 0;
  for await (const batch of readEventFiles(files, { listKey: "items", cursor: known, signal })) {
    const read = toEvents(origin, batch.records, now);
    done += batch.records.length;
    onProgress({ step: "Reading the audit log", done, total: done, unit: "events" });
    yield { ...read, cursor: batch.cursor };
  }
}

function toEvents(
  origin: AuditOrigin,
  records: readonly FileRecord[],
  now: Date,
): { events: TrailEvent[]; findings: SourceFinding[] } {
  const events: TrailEvent[] = [];
  const findings = new Map<string, SourceFinding>();
  const note = (code: "event_not_understood" | "event_cut", { file, row, text }: FileRecord) => {
    const first = findings.get(`${code} ${file}`);
    if (first) first.count += 1;
    else findings.set(`${code} ${file}`, finding(code, file, { firstRow: row, sample: text }));
  };
  for (const record of records) {
    const event = record.isCut ? keptCut(origin, record, events.at(-1)) : understood(origin, record, now);
    if (event) events.push(event);
    if (!event) note("event_not_understood", record);
    else if (record.isCut) note("event_cut", record);
  }
  return { events, findings: [...findings.values()] };
}

function understood(origin: AuditOrigin, { text, row }: FileRecord, now: Date): TrailEvent | null {
  try {
    return parseAuditEvent(origin, text, { row, now });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "bad_data") return null;
    throw thrown;
  }
}

/** A log is in order of time, near enough: an event whose own time was cut off happened at the time of the one before it. */
function keptCut(
  origin: AuditOrigin,
  { text, modifiedMs }: FileRecord,
  before: TrailEvent | undefined,
): TrailEvent | null {
  return cutRecord(origin, text, before?.occurredAt ?? new Date(modifiedMs));
}
