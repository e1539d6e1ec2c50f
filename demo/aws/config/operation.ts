import type * as sdk from "@aws-sdk/client-config-service";
import { resultsOf } from "#demo/aws/config/results.ts";
import type { OperationSchema } from "#demo/aws/model.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { type AwsOperation, operation, type OperationCall } from "#demo/aws/service.ts";
import type { ConfigAccount } from "#demo/estate/compliance.ts";

/** A rule that is not as most are. A rule that has never succeeded has no results; all others answer with the last that they had. */
export type OddRule = {
  state?: sdk.ConfigRuleState;
  /** When its evaluation last succeeded and last failed; null = never. */
  evaluation?: { succeededAt: Date | null; failedAt: Date | null };
};

export type ConfigOptions = {
  /** Asked when the first request comes: most servers are never asked about AWS Config. */
  accounts: () => readonly ConfigAccount[];
  /** Account whose aggregator collects the organisation. */
  aggregatorAccount: string;
  tokens: PageTokens;
  now: () => Date;
  /** By their names, in every account that has them. */
  oddRules: ReadonlyMap<string, OddRule>;
};

/** Types an operation whose IAM action has its own name. */
export function read<Input, Output extends object>(
  schema: OperationSchema,
  answer: (input: Input, call: OperationCall) => Output,
): AwsOperation {
  return operation<Input, Output>({ schema, action: `config:${schema[2]}`, answer });
}

/** What the account that asks has; null for one of another organisation, which has nothing. */
export function placeOf(accounts: readonly ConfigAccount[], { caller }: OperationCall): ConfigAccount | null {
  return accounts.find(({ account }) => account.id === caller.account) ?? null;
}

/** What a rule says of each resource of the account that asks. */
export function resultsHere(
  { accounts, now, oddRules }: ConfigOptions,
  ruleName: string,
  call: OperationCall,
): sdk.EvaluationResult[] {
  if (oddRules.get(ruleName)?.evaluation?.succeededAt === null) return [];
  return resultsOf(placeOf(accounts(), call), ruleName, call.region, now());
}
