import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallLog } from "#demo/aws/calls.ts";
import type { FaultPlan, PlannedFault } from "#demo/aws/faults.ts";
import { type Caller, denialMessage, type Identities, isAllowed } from "#demo/aws/identities.ts";
import { inputOfParameters, refuseInput, refuseOutput } from "#demo/aws/model.ts";
import {
  ec2Protocol,
  JSON_PROTOCOL,
  queryProtocol,
  REST_JSON_PROTOCOL,
  type AwsProtocol,
  type WireAnswer,
} from "#demo/aws/protocols.ts";
import type { RateLimit } from "#demo/aws/rate-limit.ts";
import { AwsFailure, type AwsOperation, type AwsService, type PlainOperation } from "#demo/aws/service.ts";
import { verifySignature, type SignatureRefusal } from "#demo/aws/signature.ts";

/** What every service of the server shares. */
export type Surroundings = {
  identities: Identities;
  plan: FaultPlan;
  /** Null = no limit. */
  rateLimit: RateLimit | null;
  log: CallLog;
  now: () => Date;
};

const NOBODY: Caller = { account: "", arn: "", userId: "", policy: [] };
/** What the two protocols call the refusals of a signature. */
const SIGNATURE_CODES: Record<SignatureRefusal["code"], { json: string; query: string }> = {
  AccessDenied: { json: "MissingAuthenticationTokenException", query: "MissingAuthenticationToken" },
  AuthorizationHeaderMalformed: { json: "IncompleteSignatureException", query: "IncompleteSignature" },
  ExpiredToken: { json: "ExpiredTokenException", query: "ExpiredToken" },
  InvalidAccessKeyId: { json: "UnrecognizedClientException", query: "InvalidClientTokenId" },
  InvalidToken: { json: "UnrecognizedClientException", query: "InvalidClientTokenId" },
  RequestTimeTooSkewed: { json: "InvalidSignatureException", query: "SignatureDoesNotMatch" },
  SignatureDoesNotMatch: { json: "InvalidSignatureException", query: "SignatureDoesNotMatch" },
};

/**
 * Answers one call of a JSON or query service: signature, throttling, model, permission, the operation itself; in that
 * order, each refused as AWS refuses it. `body` is the whole request body.
 */
export async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  service: AwsService,
  body: Buffer,
  around: Surroundings,
): Promise<void> {
  const requestId = randomUUID();
  const name = operationNameOf(request, service, body);
  const call = { service: service.name, operation: name, path: "" };
  const fault = around.plan.take(call);
  if (fault.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
  const seen = { caller: NOBODY, region: "" };
  let wire: WireAnswer;
  let errorCode: string | null = null;
  const protocol = protocolOf(service);
  try {
    const { operation, input } = admit(request, service, name, body, fault, seen, around);
    const output = operation.answer(input, { ...seen, spend: (planned) => around.plan.spend(planned, call) });
    const mistake = operation.schema === null ? null : refuseOutput(operation.schema, output);
    if (mistake) throw new RangeError(`${name} answered what the SDK's model does not have: ${mistake.message}`);
    wire = protocol.answer(name, output, requestId);
  } catch (error) {
    const known =
      error instanceof AwsFailure ? error : new AwsFailure("InternalFailure", String(error), { status: 500 });
    errorCode = known.code;
    wire = protocol.failure(known, requestId);
  }
  // Logged before the last byte leaves, so that a client that has its answer finds its call in the log.
  around.log.add({
    service: service.name,
    operation: name,
    account: seen.caller.account,
    region: seen.region,
    status: wire.status,
    errorCode,
    at: around.now(),
  });
  send(response, wire, fault.cutAfterBytes);
}

function operationNameOf(request: IncomingMessage, service: AwsService, body: Buffer): string {
  if (isForm(service)) return new URLSearchParams(body.toString()).get("Action") ?? "";
  if (service.protocol === "rest-json") return routedCall(request, service, body)?.operation ?? "";
  const target = request.headers["x-amz-target"];
  return typeof target === "string" ? (target.split(".")[1] ?? "") : "";
}

function protocolOf(service: AwsService): AwsProtocol {
  if (service.protocol === "json") return JSON_PROTOCOL;
  if (service.protocol === "rest-json") return REST_JSON_PROTOCOL;
  return service.protocol === "ec2" ? ec2Protocol(namespaceOf(service)) : queryProtocol(namespaceOf(service));
}

/** Whether parameters come in a form and answers leave as XML. */
function isForm({ protocol }: AwsService): boolean {
  return protocol === "query" || protocol === "ec2";
}

function routedCall(request: IncomingMessage, service: AwsService, body: Buffer) {
  const url = new URL(request.url ?? "/", "http://localhost");
  const query = request.method === "POST" ? new URLSearchParams(body.toString()) : url.searchParams;
  return service.route?.({ method: request.method ?? "GET", path: url.pathname, query }) ?? null;
}

/** Everything that may refuse a call before its operation looks at it. Fills in who calls as soon as that is known. */
function admit(
  request: IncomingMessage,
  service: AwsService,
  name: string,
  body: Buffer,
  fault: PlannedFault,
  seen: { caller: Caller; region: string },
  around: Surroundings,
): { operation: AwsOperation | PlainOperation; input: unknown } {
  const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (!operation)
    throw !isForm(service)
      ? new AwsFailure("UnknownOperationException", `The demo's ${service.name} does not know ${name}.`)
      : new AwsFailure("InvalidAction", `Could not find operation ${name} for version ${service.target}`);
  if (!operation.isUnsigned) identify(request, service, body, seen, around);
  const isOverRate = around.rateLimit?.admit(`${service.name} ${seen.caller.account}`) === false;
  if (fault.throttled || isOverRate) throw new AwsFailure(service.throttling.code, service.throttling.message);
  const input = readInput(request, service, operation, body);
  const refusal = operation.schema === null ? null : refuseInput(operation.schema, input);
  if (refusal) throw new AwsFailure(!isForm(service) ? refusal.code : "ValidationError", refusal.message);
  authorise(service, operation, input, seen.caller, around);
  if (fault.denied) throw accessDenied(service, denialMessage(seen.caller, operation.action ?? name, "*"));
  if (fault.failure !== null)
    throw new AwsFailure(fault.failure, service.failures[fault.failure] ?? "The demo was told to answer so.");
  return { operation, input };
}

function identify(
  request: IncomingMessage,
  service: AwsService,
  body: Buffer,
  seen: { caller: Caller; region: string },
  around: Surroundings,
): void {
  const { identities, now } = around;
  const signature = verifySignature(request, {
    findKey: identities.findKey,
    now: now(),
    body,
    service: service.name,
    regions: service.regions,
  });
  if (signature.code !== null) {
    const { protocol } = service;
    const code = SIGNATURE_CODES[signature.code][isForm(service) ? "query" : "json"];
    throw new AwsFailure(code, signature.message, protocol === "json" ? {} : { status: 403 });
  }
  seen.caller = identities.callerOf(signature.accessKeyId) ?? NOBODY;
  seen.region = signature.region;
}

function readInput(
  request: IncomingMessage,
  service: AwsService,
  operation: AwsOperation | PlainOperation,
  body: Buffer,
): unknown {
  if (service.protocol === "rest-json") return routedCall(request, service, body)?.input ?? {};
  if (service.protocol === "query" && operation.schema !== null)
    return inputOfParameters(operation.schema, new URLSearchParams(body.toString()));
  if (service.protocol === "ec2") return Object.fromEntries(new URLSearchParams(body.toString()));
  try {
    return JSON.parse(body.length === 0 ? "{}" : body.toString()) as unknown;
  } catch {
    throw new AwsFailure("SerializationException", "The request body is not JSON.");
  }
}

function authorise(
  service: AwsService,
  operation: AwsOperation | PlainOperation,
  input: unknown,
  caller: Caller,
  { plan }: Surroundings,
): void {
  const { action } = operation;
  if (action === null || (isAllowed(caller.policy, action) && !plan.isActionDenied(action))) return;
  throw accessDenied(service, denialMessage(caller, action, operation.resourceOf(input, caller)));
}

function accessDenied(service: AwsService, message: string): AwsFailure {
  if (service.protocol === "rest-json") return new AwsFailure("AccessDeniedException", message, { status: 403 });
  return service.protocol === "json"
    ? new AwsFailure("AccessDeniedException", message)
    : new AwsFailure(service.protocol === "ec2" ? "UnauthorizedOperation" : "AccessDenied", message, { status: 403 });
}

function namespaceOf(service: AwsService): string {
  return `https://${service.name}.amazonaws.com/doc/${service.target}/`;
}

/** Sends the answer; where it is to be cut, breaks the connection after so many bytes of the body. */
function send(response: ServerResponse, { status, headers, body }: WireAnswer, cutAfterBytes: number | null): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  if (cutAfterBytes === null || cutAfterBytes >= body.length) return void response.end(body);
  response.write(body.subarray(0, cutAfterBytes));
  // Unlike destroy(), this lets the bytes that were written leave first.
  response.socket?.destroySoon();
}
