import * as sdk from "@aws-sdk/client-cloudtrail";
import { lookUp, timeOf, type LookupRegion } from "#demo/aws/cloudtrail/lookup-events.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { createRateLimit } from "#demo/aws/rate-limit.ts";
import { AwsFailure, type AwsService, operation } from "#demo/aws/service.ts";

/** A key of CloudTrail's digests, by the region that signs with it. */
export type TrailKey = { region: string; fingerprint: string; der: Uint8Array; from: Date; to: Date };

/** As it stands in JSON, where bytes are in Base64. */
type PublicKeysAnswer = {
  PublicKeyList: (Omit<sdk.PublicKey, "Value"> & { Value: string })[];
  NextToken?: string;
};

const KEYS_A_PAGE = 1;

export type CloudTrailOptions = {
  keys: readonly TrailKey[];
  lookups: readonly LookupRegion[];
  /** Lookups that an account's region lets through a second. */
  lookupsPerSecond: number;
  tokens: PageTokens;
  now: () => Date;
};

/** CloudTrail, as far as reading what it knows goes: the keys of its digests that were valid within a time, and lookups of events. */
export function createCloudTrail({ keys, lookups, lookupsPerSecond, tokens, now }: CloudTrailOptions): AwsService {
  const rate = createRateLimit(lookupsPerSecond);
  return {
    name: "cloudtrail",
    protocol: "json",
    target: "CloudTrail_20131101",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: { InternalServiceError: "The service cannot complete the request." },
    operations: {
      LookupEvents: operation<sdk.LookupEventsRequest, sdk.LookupEventsResponse>({
        schema: sdk.LookupEvents$,
        action: "cloudtrail:LookupEvents",
        answer: (request, call) => {
          if (!rate.admit(`${call.caller.account} ${call.region}`))
            throw new AwsFailure("ThrottlingException", "Rate exceeded");
          return lookUp(lookups, tokens, request, call, now());
        },
      }),
      ListPublicKeys: operation<sdk.ListPublicKeysRequest, PublicKeysAnswer>({
        schema: sdk.ListPublicKeys$,
        action: "cloudtrail:ListPublicKeys",
        answer: (request, call) => {
          const place =
            request.NextToken === undefined ? { page: 1, at: [0] } : tokens.read(request, request.NextToken);
          if (typeof place === "string") throw new AwsFailure("InvalidTokenException", "The token is not valid.");
          const [start = 0] = place.at;
          const from = timeOf(request.StartTime, 0);
          const to = timeOf(request.EndTime, Infinity);
          const found = keys.filter(
            (key) => key.region === call.region && key.from.getTime() <= to && key.to.getTime() >= from,
          );
          const end = start + KEYS_A_PAGE;
          const next =
            end < found.length ? { NextToken: tokens.issue(request, { page: place.page + 1, at: [end] }) } : {};
          return { PublicKeyList: found.slice(start, end).map(keyAnswer), ...next };
        },
      }),
    },
  };
}

function keyAnswer({ fingerprint, der, from, to }: TrailKey): PublicKeysAnswer["PublicKeyList"][number] {
  return {
    Value: Buffer.from(der).toString("base64"),
    ValidityStartTime: from,
    ValidityEndTime: to,
    Fingerprint: fingerprint,
  };
}
