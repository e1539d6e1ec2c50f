import { AppError } from "#lib/errors.ts";
import { statementOf, type AwsPermission } from "#lib/sources/aws/permissions.ts";

const DENIALS = ["AccessDenied", "AccessDeniedException", "UnauthorizedException", "UnauthorizedOperation"];
const CREDENTIAL_ERRORS = [
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidIdentityToken",
  "InvalidIdentityTokenException",
  "InvalidAccessKeyId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnrecognizedClientException",
];
// The names that the SDK itself repeats a request for as throttled, so that its retries and our limiter agree.
const THROTTLES = [
  "LimitExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
];
const REFUSED_REQUESTS = [
  "ValidationException",
  "ValidationError",
  "InvalidExpressionException",
  "InvalidInputException",
  "InvalidLimitException",
  "InvalidParameterValueException",
  "SerializationException",
];
// What was listed a moment ago may be deleted before it is read.
const GONE = [
  "NoSuchConfigRuleException",
  "NoSuchConfigRuleInConformancePackException",
  "NoSuchConformancePackException",
];

/** True where the API asked to come back later. */
export function isThrottled(thrown: unknown): boolean {
  return THROTTLES.includes(nameOf(thrown)) || statusOf(thrown) === 429;
}

/** True where the API says that the caller may not. */
export function isDenied(thrown: unknown): boolean {
  return DENIALS.includes(nameOf(thrown));
}

/** The one place where errors of AWS's APIs get their class: by the SDK's name. `permission` is what the call needs. */
export function classifyAwsError(thrown: unknown, permission: AwsPermission): AppError {
  if (thrown instanceof AppError) return thrown;
  const name = nameOf(thrown);
  const { action, why } = permission;
  const cause = { cause: thrown };
  if (isDenied(thrown))
    return new AppError("denied", `AWS does not allow ${action}: ${why} cannot be read.`, {
      ...cause,
      remedy: `Add to the policy of the role that Bursar uses: ${statementOf(permission)}`,
    });
  if (isThrottled(thrown))
    return new AppError("throttled", `AWS kept asking to slow down while ${action} was called (${name}).`, {
      ...cause,
      remedy: "Nothing needs to be done: the next run tries again.",
    });
  if (CREDENTIAL_ERRORS.includes(name))
    return new AppError("invalid_config", `AWS does not accept the credentials of the source (${name}).`, {
      ...cause,
      remedy: "Check keys, profile and role of the source in bursar.yaml, and the clock of this machine.",
    });
  if (name === "AWSOrganizationsNotInUseException")
    return new AppError("invalid_config", "The account belongs to no organisation.", {
      ...cause,
      remedy: "Give the source a role in the management account, or in a delegated administrator's account.",
    });
  if (name === "NoSuchConfigurationAggregatorException")
    return new AppError("invalid_config", "There is no such aggregator of AWS Config in the source's region.", {
      ...cause,
      remedy: "Check aggregator, region and roleArn of the source in bursar.yaml.",
    });
  if (REFUSED_REQUESTS.includes(name))
    return new AppError("invalid_config", `AWS refused ${action} as it was asked: ${messageOf(thrown)}`, {
      ...cause,
      remedy: "Check the settings of the source in bursar.yaml.",
    });
  if (name === "DataUnavailableException")
    return new AppError("unavailable", "Cost Explorer has no data for this account yet.", {
      ...cause,
      remedy: "A newly enabled Cost Explorer needs up to a day. The next run tries again.",
    });
  if (name === "BillExpirationException")
    return new AppError("bad_data", "Cost Explorer no longer holds the days that were asked for.", {
      ...cause,
      remedy: "Lower the source's setting months.",
    });
  if (GONE.includes(name))
    return new AppError("not_found", `AWS no longer has what ${action} was asked for (${name}).`, {
      ...cause,
      remedy: "The next run lists it anew.",
    });
  return new AppError("unavailable", `AWS did not answer ${action} (${name || "no answer"}).`, {
    ...cause,
    remedy: "Check that the endpoint can be reached from here; the next run tries again.",
  });
}

/** What went wrong before any source's request could be made: the role could not be assumed. */
export function classifyAssumeRoleError(thrown: unknown, roleArn: string): AppError {
  const line = { action: "sts:AssumeRole", why: `what ${roleArn} may read`, resource: roleArn, isOptional: false };
  const error = classifyAwsError(thrown, line);
  if (error.code !== "denied") return error;
  return new AppError("denied", `The role ${roleArn} cannot be assumed.`, {
    cause: thrown,
    remedy: `The identity that Bursar runs as needs ${statementOf(line)}, and the role's trust policy must name that identity and the source's externalId.`,
  });
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "";
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function statusOf(thrown: unknown): number {
  if (!(thrown instanceof Error) || !("$metadata" in thrown)) return 0;
  const metadata = thrown.$metadata;
  return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
    ? Number(metadata.httpStatusCode)
    : 0;
}
