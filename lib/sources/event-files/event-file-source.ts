import { createHash } from "node:crypto";
import { z } from "zod";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { toAppError } from "#lib/errors.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { listEventFiles } from "#lib/sources/event-files/list-event-files.ts";
import { eventFilesCursor, readEventFiles, type FileRecord } from "#lib/sources/event-files/read-event-files.ts";
import { isPossibleTime } from "#lib/sources/event-time.ts";
import { finding } from "#lib/sources/finding.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";
import type { CheckResult, OfferedSlice, SourceFile, SourceFinding } from "#lib/sources/source.ts";

/** The settings of a trail that comes as files; each kind says in its README what they hold. */
export const eventFileSettings = {
  path: z
    .string()
    .min(1)
    .describe("A file, a folder with its sub folders, or a glob: JSON Lines or JSON, gzipped as well."),
  title: sourceSettings.title,
  schedule: sourceSettings.schedule,
};

/** What a system's records say as events. Null or an empty list: the record is none of this trail. */
export type RecordNormalizer = {
  /** The field of a document that has the list of records. */
  listKey: string;
  /** @param record the parsed text. @param base source, and the text as it was written. */
  toEvents(record: unknown, base: RecordBase): readonly TrailEvent[] | null;
};
export type RecordBase = Pick<TrailEvent, "sourceKey" | "body"> & { textHash: string };

/** One slice: all files of the path. */
export async function planEventFiles(path: string, now: Date = new Date()): Promise<OfferedSlice[]> {
  const files = (await listEventFiles(path, now)).map(({ name, location, size, version }): SourceFile => ({
    name,
    location,
    size,
    version,
    format: "json",
  }));
  return [{ period: "all", fingerprint: fingerprintOf(files), files }];
}

/** What the files have beyond the cursor. A record that is not understood is a finding and holds up none of the others. */
export async function* readEventFileSource(
  sourceKey: string,
  path: string,
  normalizer: RecordNormalizer,
  { cursor, now, signal, onProgress }: ReadEventsOptions,
): EventReading {
  const files = await listEventFiles(path, now);
  const known = cursor === null ? null : eventFilesCursor.parse(cursor);
  let done = 0;
  for await (const batch of readEventFiles(files, { listKey: normalizer.listKey, cursor: known, signal })) {
    const findings = new Map<string, SourceFinding>();
    const events = batch.records.flatMap((record) => {
      const found = read(sourceKey, normalizer, record) ?? [];
      const isUnderstood = found.length > 0 && found.every(({ occurredAt }) => isPossibleTime(occurredAt, now));
      if (!isUnderstood) note(findings, record);
      return isUnderstood ? found : [];
    });
    done += batch.records.length;
    onProgress({ step: "Reading events", done, total: done, unit: "events" });
    yield { events, findings: [...findings.values()], cursor: batch.cursor };
  }
}

function read(sourceKey: string, { toEvents }: RecordNormalizer, { text, isCut }: FileRecord) {
  if (isCut) return null;
  const body = new TextEncoder().encode(text);
  return toEvents(JSON.parse(text), { sourceKey, body, textHash: createHash("sha256").update(text).digest("hex") });
}

function note(findings: Map<string, SourceFinding>, { file, row, text }: FileRecord): void {
  const first = findings.get(file);
  if (first) first.count += 1;
  else findings.set(file, finding("event_not_understood", file, { firstRow: row, sample: text }));
}

/** Can the files be listed? Never throws for what it checks. */
export async function checkEventFiles(path: string): Promise<CheckResult[]> {
  const what = `List the files at ${path}`;
  try {
    await listEventFiles(path);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}

/** What most trails do not tell. */
export const NOWHERE = {
  teamKey: null,
  accountId: null,
  clusterKey: null,
  namespace: null,
  region: null,
  sourceAddress: null,
  mfa: null,
} as const;
