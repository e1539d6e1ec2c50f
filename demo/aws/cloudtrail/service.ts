import * as sdk from "@aws-sdk/client-cloudtrail";
import type { PageTokens } from "#demo/aws/page-token.ts";
import { AwsFailure, type AwsService, operation } from "#demo/aws/service.ts";

/** A key of CloudTrail's digests, by the region that signs with it. */
export type TrailKey = { region: string; fingerprint: string; der: Uint8Array; from: Date; to: Date };

/** As it stands in JSON, where bytes are in Base64. */
type PublicKeysAnswer = {
  PublicKeyList: (Omit<sdk.PublicKey, "Value"> & { Value: string })[];
  NextToken?: string;
};

const KEYS_A_PAGE = 1;

/** CloudTrail, as far as checking its digests goes: the public keys that were valid within a time, a page at a time. */
export function createCloudTrail(keys: readonly TrailKey[], tokens: PageTokens): AwsService {
  return {
    name: "cloudtrail",
    protocol: "json",
    target: "CloudTrail_20131101",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: { InternalServiceError: "The service cannot complete the request." },
    operations: {
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

/** Times come as seconds. */
function timeOf(time: unknown, absent: number): number {
  return time === undefined ? absent : new Date(typeof time === "number" ? time * 1_000 : String(time)).getTime();
}
