import type { Caller } from "#demo/aws/identities.ts";
import type { OperationFault } from "#demo/aws/faults.ts";
import type { OperationSchema } from "#demo/aws/model.ts";

/** An error that a service answers with. The code is what the SDK makes the error's name. */
export class AwsFailure extends Error {
  readonly code: string;
  readonly status: number;
  /** Further fields of the error's shape, such as Organizations' `Reason`. */
  readonly details: Record<string, string>;

  constructor(code: string, message: string, more: { status?: number; details?: Record<string, string> } = {}) {
    super(message);
    this.name = "AwsFailure";
    this.code = code;
    this.status = more.status ?? 400;
    this.details = more.details ?? {};
  }
}

/** What an operation knows of the call that it answers. */
export type OperationCall = {
  caller: Caller;
  region: string;
  /** True where a test planned this fault for this call. */
  spend(fault: OperationFault): boolean;
};

/** Signs and is permitted as an operation of AWS, but what it answers is not described by any SDK's model. */
export type PlainOperation = Omit<AwsOperation, "schema"> & { schema: null };

/** One operation of a service: its model, the permission that it needs, and its answer. */
export type AwsOperation = {
  schema: OperationSchema;
  /** IAM action; null where everybody may. */
  action: string | null;
  /** ARN for the sentence of a denial. */
  resourceOf(input: unknown, caller: Caller): string;
  /** Whether it is asked without a signature, as AssumeRoleWithWebIdentity is. */
  isUnsigned: boolean;
  answer(input: unknown, call: OperationCall): object;
};

/** A service: how it is addressed, how it throttles, and a table of its operations. */
export type AwsService = {
  /** Signing name, which is also how IAM actions start: "ce". */
  name: string;
  protocol: "json" | "query" | "ec2" | "rest-json";
  /** What X-Amz-Target has before the dot, the API version of a protocol of forms, or nothing where paths name operations. */
  target: string;
  /** Of a service whose paths name its operations: which one a request is for, and what the path says of its input. */
  route?: (request: { method: string; path: string; query: URLSearchParams }) => RoutedCall | null;
  /** Regions that a signature may be scoped to; null = any. */
  regions: readonly string[] | null;
  throttling: { code: string; message: string };
  /** What its errors are answered with where the service has more to say than code and message. */
  failures: Record<string, string>;
  operations: Record<string, AwsOperation | PlainOperation>;
};

export type RoutedCall = { operation: string; input: Record<string, unknown> };

/** Types an operation by its SDK input and output. */
export function operation<Input, Output extends object>(definition: {
  schema: OperationSchema;
  action: string | null;
  resourceOf?: (input: Input, caller: Caller) => string;
  isUnsigned?: boolean;
  answer: (input: Input, call: OperationCall) => Output;
}): AwsOperation {
  const { schema, action, resourceOf, isUnsigned = false, answer } = definition;
  return {
    schema,
    action,
    isUnsigned,
    // The input was checked against the model of this operation, which is where `Input` comes from.
    resourceOf: (input, caller) => resourceOf?.(input as Input, caller) ?? "*",
    answer: (input, call) => answer(input as Input, call),
  };
}
