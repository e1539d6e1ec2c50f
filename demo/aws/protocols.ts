import type { AwsFailure } from "#demo/aws/service.ts";

/** An answer as it goes over the wire. */
export type WireAnswer = { status: number; headers: Record<string, string>; body: Buffer };

/** How one of AWS's protocols writes answers and errors. */
export type AwsProtocol = {
  answer(operation: string, output: object, requestId: string): WireAnswer;
  failure(failure: AwsFailure, requestId: string): WireAnswer;
};

const JSON_HEADERS = { "content-type": "application/x-amz-json-1.1" };
const XML_HEADERS = { "content-type": "text/xml" };

/** AWS JSON 1.1: instants are seconds since 1970, an error names itself in `__type`. */
export const JSON_PROTOCOL: AwsProtocol = {
  answer: (_, output, requestId) => jsonAnswer(200, withEpochSeconds(output), requestId),
  failure: ({ code, message, details, status }, requestId) =>
    jsonAnswer(status, { __type: code, Message: message, message, ...details }, requestId),
};

/** REST with JSON: the status is the error's own, which names itself in a header. */
export const REST_JSON_PROTOCOL: AwsProtocol = {
  answer: (_, output, requestId) => restAnswer(200, withEpochSeconds(output), requestId),
  failure: ({ code, message, details, status }, requestId) =>
    restAnswer(status, { message, ...details }, requestId, { "x-amzn-errortype": code }),
};

function restAnswer(
  status: number,
  content: unknown,
  requestId: string,
  headers: Record<string, string> = {},
): WireAnswer {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-requestid": requestId, ...headers },
    body: Buffer.from(JSON.stringify(content)),
  };
}

/** The query protocol of STS: parameters in a form, answers in XML of the API's namespace. */
export function queryProtocol(namespace: string): AwsProtocol {
  return {
    answer: (operation, output, requestId) =>
      xmlAnswer(
        200,
        `<${operation}Response xmlns="${namespace}">${element(`${operation}Result`, output)}${element("ResponseMetadata", { RequestId: requestId })}</${operation}Response>`,
        requestId,
      ),
    failure: ({ code, message, status }, requestId) =>
      xmlAnswer(
        status,
        `<ErrorResponse xmlns="${namespace}">${element("Error", { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message })}${element("RequestId", requestId)}</ErrorResponse>`,
        requestId,
      ),
  };
}

/** The query protocol as EC2 has it: answers stand in the response itself, lists are items, and errors have their own shape. */
export function ec2Protocol(namespace: string): AwsProtocol {
  return {
    answer: (operation, output, requestId) =>
      xmlAnswer(
        200,
        `<${operation}Response xmlns="${namespace}">${element("requestId", requestId)}${content(output, "item")}</${operation}Response>`,
        requestId,
      ),
    failure: ({ code, message, status }, requestId) =>
      xmlAnswer(
        status,
        `<Response>${element("Errors", { Error: { Code: code, Message: message } })}${element("RequestID", requestId)}</Response>`,
        requestId,
      ),
  };
}

function jsonAnswer(status: number, content: unknown, requestId: string): WireAnswer {
  return {
    status,
    headers: { ...JSON_HEADERS, "x-amzn-requestid": requestId },
    body: Buffer.from(JSON.stringify(content)),
  };
}

function xmlAnswer(status: number, content: string, requestId: string): WireAnswer {
  return { status, headers: { ...XML_HEADERS, "x-amzn-requestid": requestId }, body: Buffer.from(content) };
}

function withEpochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withEpochSeconds(item)]));
}

function element(name: string, value: unknown, entry = "member"): string {
  if (value === undefined || value === null) return "";
  return `<${name}>${content(value, entry)}</${name}>`;
}

function content(value: unknown, entry = "member"): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item: unknown) => element(entry, item, entry)).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, item]) => element(name, item, entry))
      .join("");
  return escapeXml(String(value));
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}
