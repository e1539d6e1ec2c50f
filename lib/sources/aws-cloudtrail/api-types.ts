import { z } from "zod";

const text = z.string().nullish();

/** An object that is passed on as it is. Thousands of records come at once: what is not looked at is not copied either. */
const anyObject = z.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "expected an object",
);

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
