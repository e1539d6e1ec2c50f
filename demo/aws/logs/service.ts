import * as sdk from "@aws-sdk/client-cloudwatch-logs";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type AwsService, operation, type OperationCall } from "#demo/aws/service.ts";

/** A log group with its events; they are answered in order of time. */
export type LogGroup = {
  account: string;
  region: string;
  name: string;
  events: readonly { stream: string; at: number; message: string }[];
};

const MOST_EVENTS = 10_000;
const MOST_PAGE_CHARACTERS = 1024 * 1024;
/** What an event keeps of a longer message. */
export const MOST_MESSAGE_CHARACTERS = 256 * 1024 - 26;

/** CloudWatch Logs, as far as searching a group's streams goes: pages of at most 1 MB, tokens, empty pages in between. */
export function createLogs(groups: readonly LogGroup[], tokens: PageTokens): AwsService {
  return {
    name: "logs",
    protocol: "json",
    target: "Logs_20140328",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: { ServiceUnavailableException: "The service cannot complete the request." },
    operations: {
      FilterLogEvents: operation<sdk.FilterLogEventsRequest, sdk.FilterLogEventsResponse>({
        schema: sdk.FilterLogEvents$,
        action: "logs:FilterLogEvents",
        resourceOf: ({ logGroupName = "" }, { account }) =>
          `arn:aws:logs:*:${account}:log-group:${logGroupName}:log-stream:`,
        answer: (request, call) => filter(groups, tokens, request, call),
      }),
    },
  };
}

function filter(
  groups: readonly LogGroup[],
  tokens: PageTokens,
  request: sdk.FilterLogEventsRequest,
  call: OperationCall,
): sdk.FilterLogEventsResponse {
  const {
    logGroupName = "",
    logStreamNamePrefix = "",
    startTime = 0,
    endTime = Infinity,
    limit = MOST_EVENTS,
  } = request;
  if (limit < 1 || limit > MOST_EVENTS) throw invalid("limit must be between 1 and 10000.");
  const group = groups.find(
    ({ account, region, name }) => account === call.caller.account && region === call.region && name === logGroupName,
  );
  if (!group) throw new AwsFailure("ResourceNotFoundException", "The specified log group does not exist.");
  const place = request.nextToken === undefined ? { page: 1, at: [0] } : tokens.read(request, request.nextToken);
  if (typeof place === "string" || (place.page > 1 && call.spend({ kind: "expired-token", page: place.page })))
    throw invalid("The specified nextToken is invalid.");
  const [start = 0] = place.at;
  const token = (at: number) => ({ nextToken: tokens.issue(request, { page: place.page + 1, at: [at] }) });
  if (call.spend({ kind: "empty-page" })) return { events: [], searchedLogStreams: [], ...token(start) };
  const found = group.events
    .filter(({ stream, at }) => stream.startsWith(logStreamNamePrefix) && at >= startTime && at <= endTime)
    .toSorted((a, b) => a.at - b.at);
  let end = start;
  for (let characters = 0; end < Math.min(found.length, start + limit); end += 1) {
    characters += found[end]?.message.length ?? 0;
    if (characters > MOST_PAGE_CHARACTERS && end > start) break;
  }
  const events = found.slice(start, end).map(({ stream, at, message }, index) => ({
    logStreamName: stream,
    timestamp: at,
    message: message.slice(0, MOST_MESSAGE_CHARACTERS),
    ingestionTime: at + 2_000,
    eventId: String(start + index),
  }));
  return { events, searchedLogStreams: [], ...(end < found.length ? token(end) : {}) };
}

function invalid(message: string): AwsFailure {
  return new AwsFailure("InvalidParameterException", message);
}
