import { randomUUID } from "node:crypto";
import { writeTrail, type TrailRecord, type WrittenTrail } from "#demo/aws/cloudtrail/write-trail.ts";
import { randomFor, type Random } from "#demo/estate/random.ts";

export type TrailFilesPlan = {
  root: string;
  bucket: string;
  account: string;
  region: string;
  from: Date;
  hours: number;
};

const FILES_AN_HOUR = 12;
const RECORDS_A_FILE = 500;
const PEOPLE = 300;

export function hoursFor(events: number): number {
  return Math.max(1, Math.ceil(events / (FILES_AN_HOUR * RECORDS_A_FILE)));
}

type Kind = {
  eventSource: string;
  eventName: string;
  readOnly: boolean;
  requestParameters: (random: Random) => object;
  responseElements: (random: Random) => object | null;
};

const hex = (random: Random, length: number) => Array.from({ length }, () => random.below(16).toString(16)).join("");

const instance = (random: Random) => `i-0${hex(random, 3)}00000000000000`.slice(0, 19);
const nothing = () => null;

/** As often as a busy account has them: mostly machines that look, now and then somebody who changes something. */
const KINDS: readonly Kind[] = [
  {
    eventSource: "kms.amazonaws.com",
    eventName: "Decrypt",
    readOnly: true,
    requestParameters: (random) => ({
      encryptionContext: { "aws:s3:arn": `arn:aws:s3:::claims-documents-${random.below(40)}` },
      encryptionAlgorithm: "SYMMETRIC_DEFAULT",
    }),
    responseElements: nothing,
  },
  {
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRole",
    readOnly: true,
    requestParameters: (random) => ({
      roleArn: `arn:aws:iam::111122223333:role/claims-service-${random.below(80)}`,
      roleSessionName: `claims-service-${random.below(2_000)}`,
      durationSeconds: 3_600,
    }),
    responseElements: (random) => ({
      credentials: { accessKeyId: `ASIA${hex(random, 16).toUpperCase()}`, expiration: "Mar 1, 2026, 12:09:47 PM" },
      assumedRoleUser: {
        assumedRoleId: `AROAEXAMPLE${hex(random, 10).toUpperCase()}:claims-service`,
        arn: `arn:aws:sts::111122223333:assumed-role/claims-service-${random.below(80)}/claims-service`,
      },
    }),
  },
  {
    eventSource: "ec2.amazonaws.com",
    eventName: "DescribeInstances",
    readOnly: true,
    requestParameters: (random) => ({
      maxResults: 1_000,
      instancesSet: { items: Array.from({ length: 1 + random.below(4) }, () => ({ instanceId: instance(random) })) },
      filterSet: { items: [{ name: "instance-state-name", valueSet: { items: [{ value: "running" }] } }] },
    }),
    responseElements: nothing,
  },
  {
    eventSource: "secretsmanager.amazonaws.com",
    eventName: "GetSecretValue",
    readOnly: true,
    requestParameters: (random) => ({
      secretId: `arn:aws:secretsmanager:eu-central-1:111122223333:secret:claims/database-${random.below(300)}`,
    }),
    responseElements: nothing,
  },
  {
    eventSource: "ssm.amazonaws.com",
    eventName: "PutParameter",
    readOnly: false,
    requestParameters: (random) => ({
      name: `/claims/service-${random.below(400)}/version`,
      type: "String",
      value: "HIDDEN_DUE_TO_SECURITY_REASONS",
      overwrite: true,
    }),
    responseElements: (random) => ({ version: random.below(90), tier: "Standard" }),
  },
  {
    eventSource: "lambda.amazonaws.com",
    eventName: "UpdateFunctionCode20150331v2",
    readOnly: false,
    requestParameters: (random) => ({
      functionName: `claims-intake-${random.below(200)}`,
      publish: true,
      s3Bucket: "claims-artifacts",
      s3Key: `builds/${hex(random, 8)}.zip`,
    }),
    responseElements: (random) => ({
      functionName: `claims-intake-${random.below(200)}`,
      runtime: "nodejs24.x",
      codeSize: random.below(9_000_000),
      codeSha256: hex(random, 40),
      version: String(random.below(500)),
      memorySize: 512,
      timeout: 30,
    }),
  },
];

/** A trail of one account's region with the digest of each hour. Records are as long as real ones are, 1.2 kB on average. */
export function writeTrailFiles(plan: TrailFilesPlan): Promise<WrittenTrail> {
  return writeTrail(
    { ...plan, filesAnHour: FILES_AN_HOUR, recordsOf: (at, random) => recordsOf(plan, at, random) },
    randomFor("trail files"),
  );
}

function recordsOf(plan: TrailFilesPlan, at: Date, random: Random): TrailRecord[] {
  return Array.from({ length: RECORDS_A_FILE }, (_, index) =>
    recordOf(plan, new Date(at.getTime() + Math.floor((index * 300_000) / RECORDS_A_FILE)), random),
  );
}

function recordOf({ account, region }: TrailFilesPlan, at: Date, random: Random) {
  const kind = KINDS[random.below(KINDS.length)] ?? KINDS[0];
  const isPerson = random.below(5) === 0;
  const role = isPerson ? "AWSReservedSSO_Engineer_0123456789abcdef" : `claims-service-${random.below(80)}`;
  const session = isPerson ? `person-${random.below(PEOPLE)}@example.com` : `i-0${hex(random, 3)}`;
  const time = `${at.toISOString().slice(0, 19)}Z`;
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: `AROAEXAMPLE0123456789:${session}`,
      arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
      accountId: account,
      accessKeyId: `ASIA${hex(random, 8).toUpperCase()}EXAMPLE0`,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROAEXAMPLE0123456789",
          arn: `arn:aws:iam::${account}:role/${role}`,
          accountId: account,
          userName: role,
        },
        attributes: { creationDate: time, mfaAuthenticated: "false" },
      },
    },
    eventTime: time,
    eventSource: kind?.eventSource,
    eventName: kind?.eventName,
    awsRegion: region,
    sourceIPAddress: `192.0.2.${random.below(250)}`,
    userAgent: "aws-sdk-js/3.901.0 ua/2.1 os/linux lang/js md/nodejs#24.9.0 api/claims",
    requestParameters: kind?.requestParameters(random),
    responseElements: kind?.responseElements(random),
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: kind?.readOnly,
    ...(random.below(50) === 0 ? { errorCode: "AccessDenied", errorMessage: "The role may not do this." } : {}),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: kind?.eventSource,
    },
  };
}
