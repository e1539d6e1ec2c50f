import {
  AssumeRole$,
  type AssumeRoleRequest,
  type AssumeRoleResponse,
  AssumeRoleWithWebIdentity$,
  type AssumeRoleWithWebIdentityRequest,
  type AssumeRoleWithWebIdentityResponse,
  type Credentials,
  GetCallerIdentity$,
  type GetCallerIdentityResponse,
} from "@aws-sdk/client-sts";
import type { Identities, RoleSession } from "#demo/aws/identities.ts";
import { AwsFailure, type AwsService, operation } from "#demo/aws/service.ts";

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SHORTEST_SESSION_SECONDS = 900;
const LONGEST_SESSION_SECONDS = 43_200;
const DEFAULT_SESSION_SECONDS = 3_600;

/** STS: who somebody is, and temporary credentials for roles. */
export function createSts(identities: Identities, now: () => Date): AwsService {
  return {
    name: "sts",
    protocol: "query",
    target: "2011-06-15",
    regions: null,
    throttling: { code: "Throttling", message: "Rate exceeded" },
    failures: {},
    operations: {
      AssumeRole: operation<AssumeRoleRequest, AssumeRoleResponse>({
        schema: AssumeRole$,
        action: "sts:AssumeRole",
        resourceOf: (input) => input.RoleArn ?? "*",
        answer: (input, { caller }) => {
          const role = identities.roles.get(input.RoleArn ?? "");
          // AWS does not say whether the role is not there, does not trust the caller, or wants another external id.
          if (!role || (role.externalId !== undefined && role.externalId !== input.ExternalId))
            throw denied(
              `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
            );
          return answerOf(identities.openSession(role, sessionNameOf(input), secondsOf(input)));
        },
      }),
      AssumeRoleWithWebIdentity: operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>({
        schema: AssumeRoleWithWebIdentity$,
        action: null,
        isUnsigned: true,
        answer: (input) => {
          const claims = claimsOf(input.WebIdentityToken ?? "");
          if (claims.expiresAt <= now())
            throw new AwsFailure("ExpiredTokenException", "Token expired: the web identity token is too old");
          const role = identities.roles.get(input.RoleArn ?? "");
          if (!role || role.webIdentitySubject !== claims.subject)
            throw denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
          return {
            ...answerOf(identities.openSession(role, sessionNameOf(input), secondsOf(input))),
            SubjectFromWebIdentityToken: claims.subject,
          };
        },
      }),
      GetCallerIdentity: operation<object, GetCallerIdentityResponse>({
        schema: GetCallerIdentity$,
        action: null,
        answer: (_, { caller }) => ({ UserId: caller.userId, Account: caller.account, Arn: caller.arn }),
      }),
    },
  };
}

function denied(message: string): AwsFailure {
  return new AwsFailure("AccessDenied", message, { status: 403 });
}

function sessionNameOf({ RoleSessionName = "" }: { RoleSessionName?: string | undefined }): string {
  if (SESSION_NAME.test(RoleSessionName)) return RoleSessionName;
  throw new AwsFailure(
    "ValidationError",
    `1 validation error detected: Value '${RoleSessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
  );
}

function secondsOf({ DurationSeconds = DEFAULT_SESSION_SECONDS }: { DurationSeconds?: number | undefined }): number {
  if (DurationSeconds >= SHORTEST_SESSION_SECONDS && DurationSeconds <= LONGEST_SESSION_SECONDS) return DurationSeconds;
  throw new AwsFailure(
    "ValidationError",
    `1 validation error detected: Value '${DurationSeconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between ${SHORTEST_SESSION_SECONDS} and ${LONGEST_SESSION_SECONDS}`,
  );
}

function answerOf({ credentials, arn, userId }: RoleSession): AssumeRoleResponse {
  const handedOut: Credentials = {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiresAt,
  };
  return { Credentials: handedOut, AssumedRoleUser: { Arn: arn, AssumedRoleId: userId } };
}

/** Subject and end of a JWT. Its signature is not looked at: there is no identity provider to ask. */
function claimsOf(token: string): { subject: string; expiresAt: Date } {
  try {
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      sub?: string;
      exp?: number;
    };
    if (typeof payload.sub === "string" && typeof payload.exp === "number")
      return { subject: payload.sub, expiresAt: new Date(payload.exp * 1000) };
  } catch {
    // Refused below, with whatever else is no token.
  }
  throw new AwsFailure("InvalidIdentityToken", "The ID Token provided is not a valid JWT.");
}
