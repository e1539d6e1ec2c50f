import type { FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { AppError } from "#lib/errors.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { finding } from "#lib/sources/finding.ts";
import { cutRecord } from "#lib/sources/kubernetes-audit/cut-record.ts";
import { parseAuditEvent, type AuditOrigin } from "#lib/sources/kubernetes-audit/parse-events.ts";
import { openLogRequests } from "#lib/sources/kubernetes-audit/requests.ts";
import type { EksLogs } from "#lib/sources/kubernetes-audit/spec.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

/** Until when everything was read. */
const logCursor = z.object({ until: z.iso.datetime() });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What is written late is still found: so much of the time before is read again with each look. */
const OVERLAP_MS = 15 * 60_000;

/**
 * The audit log of a cluster of EKS from CloudWatch Logs, hour by hour. The cursor moves once an hour was read to its last page. A record that
 * CloudWatch has cut off is kept as far as it goes, at the time of its line.
 */
export async function* readAuditLogs(
  origin: AuditOrigin,
  logs: EksLogs,
  gate: RequestGate,
  { cursor, now, signal, onProgress }: ReadEventsOptions,
): EventReading {
  const until = cursor === null ? null : new Date(logCursor.parse(cursor).until);
  const begin = until ? until.getTime() - OVERLAP_MS : now.getTime() - logs.days * DAY_MS;
  const hours = Math.ceil((now.getTime() - begin) / HOUR_MS);
  const { pages, clients } = await openLogRequests(logs, gate, signal);
  try {
    for (let hour = 0; hour < hours; hour += 1) {
      const from = new Date(begin + hour * HOUR_MS);
      const to = new Date(Math.min(from.getTime() + HOUR_MS, now.getTime()));
      onProgress({ step: "Reading the audit log", done: hour, total: hours, unit: "hours" });
      for await (const page of pages(from, to)) yield { ...toEvents(origin, logs, page, now), cursor };
      cursor = { until: to.toISOString() };
      yield { events: [], findings: [], cursor };
    }
  } finally {
    clients.close();
  }
}

function toEvents(
  origin: AuditOrigin,
  { clusterName }: EksLogs,
  page: readonly FilteredLogEvent[],
  now: Date,
): { events: TrailEvent[]; findings: SourceFinding[] } {
  const events: TrailEvent[] = [];
  const findings = new Map<string, SourceFinding>();
  for (const [index, { message = "", timestamp, logStreamName = "" }] of page.entries()) {
    const read = readMessage(origin, message, { row: index + 1, now, at: new Date(timestamp ?? now) });
    if (read.event) events.push(read.event);
    if (read.noticed === null) continue;
    const known = findings.get(read.noticed);
    if (known) known.count += 1;
    else findings.set(read.noticed, finding(read.noticed, `${clusterName}/${logStreamName}`, { sample: message }));
  }
  return { events, findings: [...findings.values()] };
}

type Noticed = "event_not_understood" | "event_cut";

function readMessage(
  origin: AuditOrigin,
  message: string,
  { row, now, at }: { row: number; now: Date; at: Date },
): { event: TrailEvent | null; noticed: Noticed | null } {
  try {
    return { event: parseAuditEvent(origin, message, { row, now }), noticed: null };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "bad_data") throw thrown;
    // What ends with its last bracket is whole, and of another form.
    if (message.trimEnd().endsWith("}")) return { event: null, noticed: "event_not_understood" };
    const event = cutRecord(origin, message, at);
    return { event, noticed: event ? "event_cut" : "event_not_understood" };
  }
}
