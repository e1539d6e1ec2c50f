import { uuidOf } from "#demo/estate/random.ts";

/** An account's region of the organisation's trail. */
export type TrailPlace = { account: string; name: string; region: string };

/** One record as CloudTrail writes it. `eventTime` is to the second. */
export type TrailRecord = {
  eventVersion: string;
  eventID: string;
  eventTime: string;
  eventSource: string;
  eventName: string;
  readOnly: boolean;
  awsRegion: string;
  recipientAccountId: string;
  userIdentity: Record<string, unknown>;
  [field: string]: unknown;
};
/** What a record is made of besides where and when. */
export type Doing = {
  eventSource: string;
  eventName: string;
  readOnly: boolean;
  userIdentity: Record<string, unknown>;
  [field: string]: unknown;
};

/** `id` tells it from others of the day; `at` is milliseconds of the day. */
export type TimedDoing = { id: string; at: number; doing: Doing };

/** A session of IAM Identity Center, which is named after the person. */
export function sessionOf({ account }: TrailPlace, role: string, mail: string): Record<string, unknown> {
  const name = `AWSReservedSSO_${role}_${uuidOf("sso", role).replaceAll("-", "").slice(0, 16)}`;
  return {
    type: "AssumedRole",
    principalId: `AROA${uuidOf("role", account, role).replaceAll("-", "").slice(0, 17).toUpperCase()}:${mail}`,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${mail}`,
    accountId: account,
    sessionContext: { sessionIssuer: { type: "Role", userName: name, accountId: account } },
  };
}
