import type { Json, JsonObject } from "#demo/kubernetes/object.ts";

export type Reason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Expired"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "TooManyRequests";

const CODES: Record<Reason, number> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  Invalid: 422,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  UnsupportedMediaType: 415,
  TooManyRequests: 429,
};

/** A refusal as an API server words it. Caught in one place and sent as a Status. */
export class StatusError extends Error {
  readonly reason: Reason;
  readonly code: number;
  readonly details: JsonObject | null;
  readonly continueToken: string | null;

  constructor(reason: Reason, message: string, details: JsonObject | null = null, continueToken: string | null = null) {
    super(message);
    this.reason = reason;
    this.code = CODES[reason];
    this.details = details;
    this.continueToken = continueToken;
  }

  body(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continueToken === null ? {} : { continue: this.continueToken },
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.details === null ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** A path that no group serves is answered with plain text, not with a Status. */
export class UnknownPath extends Error {}

type Named = { resource: string; group: string; kind: string };

function detailsOf({ resource, group }: Named, name: string): JsonObject {
  return { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource };
}

function qualified({ resource, group }: Named): string {
  return group === "" ? resource : `${resource}.${group}`;
}

export function notFound(kind: Named, name: string): StatusError {
  return new StatusError("NotFound", `${qualified(kind)} "${name}" not found`, detailsOf(kind, name));
}

export function alreadyExists(kind: Named, name: string): StatusError {
  return new StatusError("AlreadyExists", `${qualified(kind)} "${name}" already exists`, detailsOf(kind, name));
}

export function conflict(kind: Named, name: string, why: string): StatusError {
  return new StatusError(
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`,
    detailsOf(kind, name),
  );
}

export function forbidden(kind: Named, name: string, why: string, causes: Json[] = []): StatusError {
  const subject = name === "" ? qualified(kind) : `${qualified(kind)} "${name}"`;
  const details = { ...detailsOf(kind, name), ...(causes.length === 0 ? {} : { causes }) };
  return new StatusError("Forbidden", `${subject} is forbidden: ${why}`, details);
}

export function methodNotAllowed(): StatusError {
  return new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function badRequest(message: string): StatusError {
  return new StatusError("BadRequest", message);
}

export type Cause = {
  reason: "FieldValueInvalid" | "FieldValueRequired" | "FieldValueNotSupported";
  message: string;
  field: string;
};

/** Several causes are listed in brackets, as the apimachinery does. */
export function invalid(kind: { kind: string; group: string }, name: string, causes: readonly Cause[]): StatusError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const qualifiedKind = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError("Invalid", `${qualifiedKind} "${name}" is invalid: ${joined}`, {
    name,
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: causes.map((cause) => ({ ...cause })),
  });
}
