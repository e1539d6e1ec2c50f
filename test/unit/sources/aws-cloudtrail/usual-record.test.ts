import fc from "fast-check";
import { expect, test } from "vitest";
import { cloudTrailRecord, isUsualRecord } from "#lib/sources/aws-cloudtrail/api-types.ts";
import { toTrailEvent } from "#lib/sources/aws-cloudtrail/normalize.ts";

const anything = fc.oneof(fc.string(), fc.constant(null), fc.integer(), fc.constant([]), fc.constant({}), fc.boolean());
const time = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })
    .map((at) => `${at.toISOString().slice(0, 19)}Z`),
  fc.constantFrom(
    "2026-02-29T00:00:00Z",
    "2024-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02",
    "2026-13-02T00:00:00Z",
  ),
);
const mostly = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 40, arbitrary }, anything);
const text = mostly(fc.string({ minLength: 1 }));
const object = mostly(fc.dictionary(fc.string(), fc.string()));
const identity = fc.record(
  {
    type: text,
    principalId: text,
    arn: text,
    accountId: text,
    userName: text,
    invokedBy: text,
    more: anything,
    onBehalfOf: mostly(fc.record({ userId: text })),
  },
  { requiredKeys: [] },
);
const record = fc.record(
  {
    eventID: text,
    eventTime: mostly(time),
    eventSource: text,
    eventName: text,
    awsRegion: text,
    sourceIPAddress: text,
    errorCode: text,
    recipientAccountId: text,
    more: anything,
    readOnly: mostly(fc.boolean()),
    userIdentity: mostly(identity),
    requestParameters: object,
    responseElements: object,
    additionalEventData: object,
    resources: mostly(fc.array(mostly(fc.record({ ARN: text })), { maxLength: 3 })),
  },
  { requiredKeys: ["eventID", "eventTime", "eventSource", "eventName"] },
);

test("what is told to be a record without the schema is one by it, and becomes the same event", () => {
  let usual = 0;
  fc.assert(
    fc.property(record, (raw) => {
      if (!isUsualRecord(raw)) return;
      usual++;
      const body = new Uint8Array();
      expect(toTrailEvent("trail", raw, body)).toEqual(toTrailEvent("trail", cloudTrailRecord.parse(raw), body));
    }),
    { numRuns: 3_000 },
  );
  expect(usual).toBeGreaterThan(100);
});

test("a day that no month has is left to the schema", () => {
  const raw = { eventID: "1", eventSource: "s3", eventName: "Get", eventTime: "2026-04-30T00:00:00Z" };
  expect(isUsualRecord(raw)).toBe(true);
  expect(isUsualRecord({ ...raw, eventTime: "2026-04-31T00:00:00Z" })).toBe(false);
});
