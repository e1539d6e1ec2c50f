import { z } from "zod";

const text = z.string().nullish();

/** An object that is passed on as it is. Thousands of records come at once: what is not looked at is not copied either. */
const anyObject = z.custom<Record<string, unknown>>(isObject, "expected an object");

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Who made a request, as CloudTrail's records tell it (userIdentity element). What is not listed here is kept in the record itself. */
const userIdentity = z.object({
  type: text,
  principalId: text,
  arn: text,
  accountId: text,
  userName: text,
  invokedBy: text,
  onBehalfOf: z.object({ userId: text }).nullish(),
});

/** One record of a log file, or of LookupEvents, as far as it is understood. */
export const cloudTrailRecord = z.object({
  eventID: z.string().min(1),
  eventTime: z.iso.datetime(),
  eventSource: z.string(),
  eventName: z.string(),
  awsRegion: text,
  sourceIPAddress: text,
  errorCode: text,
  readOnly: z.boolean().nullish(),
  recipientAccountId: text,
  userIdentity: userIdentity.nullish(),
  requestParameters: anyObject.nullish(),
  responseElements: anyObject.nullish(),
  additionalEventData: anyObject.nullish(),
  resources: z.array(z.object({ ARN: text })).nullish(),
});
export type CloudTrailRecord = z.infer<typeof cloudTrailRecord>;

/**
 * Whether a record of a log file is one as it stands, told in a fraction of what the schema takes to tell it and to copy what it knows. False says nothing: the schema
 * has the last word, and tells what is wrong.
 */
export function isUsualRecord(raw: unknown): raw is CloudTrailRecord {
  if (!isObject(raw)) return false;
  const { eventID, eventTime, eventSource, eventName, readOnly, resources } = raw;
  return (
    typeof eventID === "string" &&
    eventID !== "" &&
    typeof eventTime === "string" &&
    USUAL_TIME.test(eventTime) &&
    typeof eventSource === "string" &&
    typeof eventName === "string" &&
    isText(raw["awsRegion"]) &&
    isText(raw["sourceIPAddress"]) &&
    isText(raw["errorCode"]) &&
    isText(raw["recipientAccountId"]) &&
    (isAbsent(readOnly) || typeof readOnly === "boolean") &&
    isUsualIdentity(raw["userIdentity"]) &&
    (isAbsent(raw["requestParameters"]) || isObject(raw["requestParameters"])) &&
    (isAbsent(raw["responseElements"]) || isObject(raw["responseElements"])) &&
    (isAbsent(raw["additionalEventData"]) || isObject(raw["additionalEventData"])) &&
    (isAbsent(resources) || (Array.isArray(resources) && resources.every((one) => isObject(one) && isText(one["ARN"]))))
  );
}

/** Of the instants that the schema takes, those that CloudTrail writes; the 29th of February is left to it. */
const USUAL_TIME =
  /^\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

function isUsualIdentity(identity: unknown): boolean {
  if (isAbsent(identity)) return true;
  if (!isObject(identity)) return false;
  const { onBehalfOf } = identity;
  return (
    isText(identity["type"]) &&
    isText(identity["principalId"]) &&
    isText(identity["arn"]) &&
    isText(identity["accountId"]) &&
    isText(identity["userName"]) &&
    isText(identity["invokedBy"]) &&
    (isAbsent(onBehalfOf) || (isObject(onBehalfOf) && isText(onBehalfOf["userId"])))
  );
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isText(value: unknown): boolean {
  return typeof value === "string" || isAbsent(value);
}

/** A log file: `{"Records": […]}`. */
export const cloudTrailFile = z.looseObject({ Records: z.array(z.unknown()) });

/** What a digest file says of an hour of log files, and of the digest before it. */
export const cloudTrailDigest = z.looseObject({
  awsAccountId: z.string(),
  digestStartTime: z.iso.datetime(),
  digestEndTime: z.iso.datetime(),
  digestS3Bucket: z.string(),
  digestS3Object: z.string(),
  digestPublicKeyFingerprint: z.string(),
  digestSignatureAlgorithm: z.literal("SHA256withRSA"),
  previousDigestS3Bucket: text,
  previousDigestS3Object: text,
  previousDigestHashValue: text,
  previousDigestHashAlgorithm: text,
  previousDigestSignature: text,
  logFiles: z.array(
    z.looseObject({
      s3Bucket: z.string(),
      s3Object: z.string(),
      hashValue: z.string(),
      hashAlgorithm: z.literal("SHA-256"),
    }),
  ),
});
export type CloudTrailDigest = z.infer<typeof cloudTrailDigest>;
