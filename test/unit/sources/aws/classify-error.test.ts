import { expect, test } from "vitest";
import { AppError } from "#lib/errors.ts";
import { classifyAssumeRoleError, classifyAwsError, isThrottled } from "#lib/sources/aws/classify-error.ts";

const PERMISSION = { action: "ce:GetCostAndUsage", why: "the cost itself", resource: "*", isOptional: false };

function named(name: string, fields: object = {}): Error {
  return Object.assign(new Error(`${name} as AWS words it`), { name, ...fields });
}

test.each([
  ["AccessDeniedException", "denied"],
  ["LimitExceededException", "throttled"],
  ["TooManyRequestsException", "throttled"],
  ["ThrottlingException", "throttled"],
  ["ExpiredTokenException", "invalid_config"],
  ["CredentialsProviderError", "invalid_config"],
  ["AWSOrganizationsNotInUseException", "invalid_config"],
  ["ValidationException", "invalid_config"],
  ["DataUnavailableException", "unavailable"],
  ["BillExpirationException", "bad_data"],
  ["ServiceException", "unavailable"],
  ["TimeoutError", "unavailable"],
])("%s is classified as %s, with a remedy", (name, code) => {
  const error = classifyAwsError(named(name), PERMISSION);
  expect(error.code).toBe(code);
  expect(error.remedy).not.toBeNull();
});

test("a denial names the action and the statement to add", () => {
  const error = classifyAwsError(named("AccessDeniedException"), PERMISSION);
  expect(error.message).toContain("ce:GetCostAndUsage");
  expect(error.remedy).toContain('{"Effect":"Allow","Action":"ce:GetCostAndUsage","Resource":"*"}');
});

test("a role that may not be assumed is the identity's or the trust policy's matter", () => {
  const error = classifyAssumeRoleError(named("AccessDenied"), "arn:aws:iam::111122223333:role/bursar");
  expect(error).toMatchObject({ code: "denied" });
  expect(error.remedy).toContain('"Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/bursar"');
});

test("an error that has its class keeps it", () => {
  const refused = new AppError("limit_reached", "The cap would be passed.");
  expect(classifyAwsError(refused, PERMISSION)).toBe(refused);
});

test("throttled is what AWS names or answers so", () => {
  expect(isThrottled(named("Something", { $metadata: { httpStatusCode: 429 } }))).toBe(true);
  expect(isThrottled(named("LimitExceededException"))).toBe(true);
  expect(isThrottled(named("InternalFailure", { $metadata: { httpStatusCode: 500 } }))).toBe(false);
  expect(isThrottled("no error at all")).toBe(false);
});
