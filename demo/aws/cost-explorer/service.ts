import {
  GetCostAndUsage$,
  type GetCostAndUsageRequest,
  type GetCostAndUsageResponse,
} from "@aws-sdk/client-cost-explorer";
import type { Day } from "#lib/domain/period.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { answerQuestion, ONE_CENT } from "#demo/aws/cost-explorer/answer-question.ts";
import { createCostCube } from "#demo/aws/cost-explorer/cost-cube.ts";
import { questionOf } from "#demo/aws/cost-explorer/question.ts";
import type { PagePlace, PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type AwsService, operation, type OperationCall } from "#demo/aws/service.ts";

export type CostExplorerOptions = {
  estate: Estate;
  tokens: PageTokens;
  today: () => Day;
  /** Which delivery of the restated month is current. */
  version: () => 1 | 2;
  /** Groups on a page. */
  pageSize: number;
  /** Whether the organisation has the net metrics. */
  hasNet: boolean;
};

/** Modelled errors with the sentences of AWS's documentation. */
const FAILURES = {
  BillExpirationException: "The requested report expired. Update the date interval and try again.",
  DataUnavailableException: "The requested data is unavailable.",
  InvalidNextTokenException: "The pagination token is invalid. Try again without a pagination token.",
  LimitExceededException: "Rate limit exceeded",
  RequestChangedException:
    "Your request parameters changed between pages. Try again with the old parameters or without a pagination token.",
} as const;

/** Cost Explorer, out of the same charges as the estate's FOCUS files. */
export function createCostExplorer(options: CostExplorerOptions): AwsService {
  const { estate, tokens, today, version, pageSize, hasNet } = options;
  const cube = createCostCube(estate);

  function getCostAndUsage(request: GetCostAndUsageRequest, call: OperationCall): GetCostAndUsageResponse {
    const question = questionOf(request, today(), hasNet);
    const start = startOf(request, tokens, call, version());
    const [stretch = 0, group = 0, delivered = 1] = start.at;
    const echo = question.groupBy.length === 0 ? {} : { GroupDefinitions: question.groupBy };
    if (call.spend({ kind: "empty-page" }))
      return {
        ...echo,
        NextPageToken: tokens.issue(request, { ...start, page: start.page + 1 }),
        ResultsByTime: [],
        DimensionValueAttributes: [],
      };
    const isTotal = question.groupBy.length === 0;
    const { results, attributes, next } = answerQuestion(
      question,
      { stretch, group },
      {
        cube,
        // Pages of one answer are of one delivery, also where the month is restated between them.
        version: delivered === 2 ? 2 : 1,
        today: today(),
        pageSize,
        onlyAccount: call.caller.account === cube.payerAccountId ? null : call.caller.account,
        error: isTotal && call.spend({ kind: "wrong-total" }) ? ONE_CENT : 0n,
      },
    );
    return {
      ...echo,
      ...(next === null
        ? {}
        : {
            NextPageToken: tokens.issue(request, {
              page: start.page + 1,
              at: [next.stretch, next.group, delivered],
            }),
          }),
      ResultsByTime: results,
      DimensionValueAttributes: attributes,
    };
  }

  return {
    name: "ce",
    protocol: "json",
    target: "AWSInsightsIndexService",
    regions: ["us-east-1"],
    throttling: { code: "LimitExceededException", message: FAILURES.LimitExceededException },
    failures: FAILURES,
    operations: {
      GetCostAndUsage: operation<GetCostAndUsageRequest, GetCostAndUsageResponse>({
        schema: GetCostAndUsage$,
        action: "ce:GetCostAndUsage",
        resourceOf: (_, { account }) => `arn:aws:ce:us-east-1:${account}:/GetCostAndUsage`,
        answer: getCostAndUsage,
      }),
    },
  };
}

function startOf(request: GetCostAndUsageRequest, tokens: PageTokens, call: OperationCall, version: 1 | 2): PagePlace {
  if (request.NextPageToken === undefined) return { page: 1, at: [0, 0, version] };
  const place = tokens.read(request, request.NextPageToken);
  if (place === "changed") throw new AwsFailure("RequestChangedException", FAILURES.RequestChangedException);
  if (place === "invalid" || call.spend({ kind: "expired-token", page: place.page }))
    throw new AwsFailure("InvalidNextTokenException", FAILURES.InvalidNextTokenException);
  return place;
}
