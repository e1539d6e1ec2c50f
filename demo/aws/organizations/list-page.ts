import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type OperationCall } from "#demo/aws/service.ts";

export type PagedRequest = { NextToken?: string | undefined; MaxResults?: number | undefined };
export type ListPage<T> = { items: T[]; more: { NextToken?: string } };

/** Organizations never returns more than this many, whatever is asked. */
const MAXIMUM_RESULTS = 20;

/**
 * One page of a list. Before the item at `emptyAt` there is a page without items but with a token: only a missing
 * token means the end. @throws InvalidInputException.
 */
export function listPage<T>(
  tokens: PageTokens,
  request: PagedRequest,
  items: readonly T[],
  call: OperationCall,
  emptyAt?: number,
): ListPage<T> {
  const { NextToken, MaxResults = MAXIMUM_RESULTS } = request;
  if (!Number.isInteger(MaxResults) || MaxResults < 1)
    throw invalid("You provided a value that is less than the minimum (1).", "MIN_VALUE_EXCEEDED");
  if (MaxResults > MAXIMUM_RESULTS)
    throw invalid(`You provided a value that is greater than the maximum (${MAXIMUM_RESULTS}).`, "MAX_VALUE_EXCEEDED");
  const place = NextToken === undefined ? { page: 1, at: [0, 0] } : tokens.read(request, NextToken);
  if (typeof place === "string" || (place.page > 1 && call.spend({ kind: "expired-token", page: place.page })))
    throw invalid("You provided an invalid or expired NextToken. Start again without one.", "INVALID_NEXT_TOKEN");
  const [start = 0, wasEmpty = 0] = place.at;
  const token = (...at: number[]) => ({ NextToken: tokens.issue(request, { page: place.page + 1, at }) });
  const isPlanted = emptyAt !== undefined && start === emptyAt && wasEmpty === 0 && start < items.length;
  if (isPlanted || call.spend({ kind: "empty-page" })) return { items: [], more: token(start, 1) };
  // A page ends where the empty one is planted, so that it is met whatever the size of pages.
  const limit = emptyAt !== undefined && start < emptyAt ? Math.min(start + MaxResults, emptyAt) : start + MaxResults;
  const end = Math.min(limit, items.length);
  return { items: items.slice(start, end), more: end < items.length ? token(end, 0) : {} };
}

function invalid(message: string, reason: string): AwsFailure {
  return new AwsFailure("InvalidInputException", message, { details: { Reason: reason } });
}
