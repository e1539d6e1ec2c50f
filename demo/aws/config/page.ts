import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type OperationCall } from "#demo/aws/service.ts";

export type PagedRequest = { NextToken?: string | undefined; Limit?: number | undefined };
export type Page<T> = { items: T[]; more: { NextToken?: string } };
export type Pager = <T>(request: PagedRequest, items: readonly T[], call: OperationCall, most?: number) => Page<T>;

const MOST = 100;

/** Pages of AWS Config: `most` entries, or fewer where the caller wants fewer. @throws AwsFailure for limits and tokens that it refuses. */
export function pagerOf(tokens: PageTokens): Pager {
  return (request, items, call, most = MOST) => {
    const { NextToken, Limit = 0 } = request;
    if (!Number.isInteger(Limit) || Limit < 0 || Limit > most)
      throw new AwsFailure(
        "InvalidLimitException",
        `The specified limit is outside the allowable range: 0 to ${most}.`,
      );
    const place = NextToken === undefined ? { page: 1, at: [0] } : tokens.read(request, NextToken);
    if (typeof place === "string" || (place.page > 1 && call.spend({ kind: "expired-token", page: place.page })))
      throw new AwsFailure("InvalidNextTokenException", "The specified next token is not valid.");
    const [start = 0] = place.at;
    const token = (at: number) => ({ NextToken: tokens.issue(request, { page: place.page + 1, at: [at] }) });
    if (call.spend({ kind: "empty-page" })) return { items: [], more: token(start) };
    const end = Math.min(start + (Limit === 0 ? most : Limit), items.length);
    return { items: items.slice(start, end), more: end < items.length ? token(end) : {} };
  };
}
