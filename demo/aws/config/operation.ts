import type { OperationSchema } from "#demo/aws/model.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { type AwsOperation, operation, type OperationCall } from "#demo/aws/service.ts";
import type { ConfigAccount } from "#demo/estate/compliance.ts";

export type ConfigOptions = {
  /** Asked when the first request comes: most servers are never asked about AWS Config. */
  accounts: () => readonly ConfigAccount[];
  /** Account whose aggregator collects the organisation. */
  aggregatorAccount: string;
  tokens: PageTokens;
  now: () => Date;
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
