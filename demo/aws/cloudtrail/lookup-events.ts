import type * as sdk from "@aws-sdk/client-cloudtrail";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type OperationCall } from "#demo/aws/service.ts";

/** A record as CloudTrail keeps it. */
export type HistoryRecord = {
  eventID: string;
  eventName: string;
  eventSource: string;
  eventTime: string;
  readOnly?: boolean;
  [field: string]: unknown;
};
/** What CloudTrail's own history has of an account's region. A record may be added while the server runs. */
export type LookupRegion = { account: string; region: string; records: readonly HistoryRecord[] };

const MOST_RESULTS = 50;
const KEPT_MS = 90 * 86_400_000;
const ATTRIBUTES = new Set([
  "AccessKeyId",
  "EventId",
  "EventName",
  "EventSource",
  "ReadOnly",
  "ResourceName",
  "ResourceType",
  "Username",
]);

/** Management events of the last 90 days, the newest first, both ends of the range included and compared by the second. */
export function lookUp(
  regions: readonly LookupRegion[],
  tokens: PageTokens,
  request: sdk.LookupEventsRequest,
  call: OperationCall,
  now: Date,
): sdk.LookupEventsResponse {
  const { MaxResults = MOST_RESULTS, LookupAttributes = [], EventCategory } = request;
  const from = Math.max(timeOf(request.StartTime, 0), now.getTime() - KEPT_MS);
  const to = timeOf(request.EndTime, now.getTime());
  if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > MOST_RESULTS)
    throw new AwsFailure("InvalidMaxResultsException", "A valid value for MaxResults is between 1 and 50.");
  if (request.StartTime !== undefined && timeOf(request.StartTime, 0) > to)
    throw new AwsFailure("InvalidTimeRangeException", "The start time is after the end time.");
  if (LookupAttributes.length > 1 || LookupAttributes.some(({ AttributeKey = "" }) => !ATTRIBUTES.has(AttributeKey)))
    throw new AwsFailure("InvalidLookupAttributesException", "One lookup attribute of a known key is possible.");
  const place = request.NextToken === undefined ? { page: 1, at: [0] } : tokens.read(request, request.NextToken);
  if (typeof place === "string" || (place.page > 1 && call.spend({ kind: "expired-token", page: place.page })))
    throw new AwsFailure("InvalidNextTokenException", "The token is not valid, or of another request.");
  const [start = 0] = place.at;
  const token = (at: number) => ({ NextToken: tokens.issue(request, { page: place.page + 1, at: [at] }) });
  if (call.spend({ kind: "empty-page" })) return { Events: [], ...token(start) };
  // Insights are a category of their own, of which the demo has none.
  const found = EventCategory === "insight" ? [] : recordsOf(regions, call, { from, to }, LookupAttributes[0]);
  const end = start + MaxResults;
  return { Events: found.slice(start, end).map(eventOf), ...(end < found.length ? token(end) : {}) };
}

/** Times come as seconds. */
export function timeOf(time: unknown, absent: number): number {
  return time === undefined ? absent : new Date(typeof time === "number" ? time * 1_000 : String(time)).getTime();
}

function recordsOf(
  regions: readonly LookupRegion[],
  { caller, region }: OperationCall,
  { from, to }: { from: number; to: number },
  attribute: sdk.LookupAttribute | undefined,
): HistoryRecord[] {
  const second = (ms: number) => Math.floor(ms / 1_000);
  return regions
    .filter((one) => one.account === caller.account && one.region === region)
    .flatMap(({ records }) => records)
    .filter((record) => {
      const at = second(Date.parse(record.eventTime));
      return at >= second(from) && at <= second(to) && hasAttribute(record, attribute);
    })
    .toSorted((a, b) => (a.eventTime < b.eventTime ? 1 : a.eventTime > b.eventTime ? -1 : 0));
}

function hasAttribute(record: HistoryRecord, attribute: sdk.LookupAttribute | undefined): boolean {
  if (!attribute) return true;
  const event = eventOf(record);
  switch (attribute.AttributeKey) {
    case "EventId":
      return event.EventId === attribute.AttributeValue;
    case "EventName":
      return event.EventName === attribute.AttributeValue;
    case "EventSource":
      return event.EventSource === attribute.AttributeValue;
    case "ReadOnly":
      return event.ReadOnly === attribute.AttributeValue;
    case "Username":
      return event.Username === attribute.AttributeValue;
    default:
      // Keys and resources are not told apart in what the demo keeps.
      return false;
  }
}

function eventOf(record: HistoryRecord): sdk.Event {
  const identity = record["userIdentity"];
  const arn = identity && typeof identity === "object" && "arn" in identity ? String(identity.arn) : "";
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    EventSource: record.eventSource,
    EventTime: new Date(record.eventTime),
    ReadOnly: String(record.readOnly ?? false),
    ...(arn === "" ? {} : { Username: arn.split("/").at(-1) ?? arn }),
    Resources: [],
    CloudTrailEvent: JSON.stringify(record),
  };
}
