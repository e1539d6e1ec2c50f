import { generateKeyPairSync } from "node:crypto";
import {
  folder,
  publicHalf,
  putPacked,
  seconds,
  stamp,
  writeDigest,
  type SignedDigest,
} from "#demo/aws/cloudtrail/digest.ts";
import type { TrailKey } from "#demo/aws/cloudtrail/service.ts";
import type { Random } from "#demo/estate/random.ts";

export type WrittenTrail = {
  key: TrailKey;
  /** In order of delivery. */
  files: { key: string; events: string[] }[];
  digests: string[];
};
export type TrailPlan = {
  root: string;
  bucket: string;
  account: string;
  region: string;
  from: Date;
  hours: number;
  filesAnHour: number;
  /** What a file that is delivered at this instant has; a few records of a few kinds where absent. */
  recordsOf?: (at: Date, random: Random) => TrailRecord[];
};

export type TrailRecord = { eventID: string };

const HOUR_MS = 3_600_000;
const ACTIONS = [
  { eventSource: "signin.amazonaws.com", eventName: "ConsoleLogin", readOnly: false },
  { eventSource: "ec2.amazonaws.com", eventName: "RunInstances", readOnly: false },
  { eventSource: "ec2.amazonaws.com", eventName: "DescribeInstances", readOnly: true },
  { eventSource: "iam.amazonaws.com", eventName: "AttachRolePolicy", readOnly: false },
  { eventSource: "cloudtrail.amazonaws.com", eventName: "StopLogging", readOnly: false },
  { eventSource: "config.amazonaws.com", eventName: "DeleteConfigRule", readOnly: false },
] as const;

/** Writes a trail's log files and the digest of each hour, signed with a key of its own, into a folder that is served as a bucket. */
export async function writeTrail(plan: TrailPlan, random: Random): Promise<WrittenTrail> {
  const { account, region, from, hours, filesAnHour } = plan;
  const recordsOf = plan.recordsOf ?? ((at: Date) => fewRecords(plan, at, random));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { der, fingerprint } = publicHalf(privateKey);
  const until = new Date(from.getTime() + (hours + 1) * HOUR_MS);
  const trail: WrittenTrail = { key: { region, fingerprint, der, from, to: until }, files: [], digests: [] };
  let before: SignedDigest | null = null;
  for (let hour = 0; hour < hours; hour += 1) {
    const start = new Date(from.getTime() + hour * HOUR_MS);
    const files = [];
    for (let n = 0; n < filesAnHour; n += 1) {
      const at = new Date(start.getTime() + (n * HOUR_MS) / filesAnHour);
      const records = recordsOf(at, random);
      const name = `${account}_CloudTrail_${region}_${stamp(at).slice(0, 13)}Z_${`${hour}x${n}`.padStart(16, "0")}.json.gz`;
      const key = `AWSLogs/${account}/CloudTrail/${region}/${folder(at)}/${name}`;
      files.push({ key, hash: await putPacked(plan, key, JSON.stringify({ Records: records })) });
      trail.files.push({ key, events: records.map(({ eventID }) => eventID) });
    }
    const end = new Date(start.getTime() + HOUR_MS);
    const digest = { account, region, prefix: "AWSLogs/", trail: "all", from: start, to: end, files, before };
    before = await writeDigest(plan, digest, { privateKey, fingerprint });
    trail.digests.push(before.key);
  }
  return trail;
}

function fewRecords(plan: TrailPlan, at: Date, random: Random): TrailRecord[] {
  return Array.from({ length: 1 + random.below(5) }, (_, index) => recordOf(plan, at, index, random));
}

function recordOf({ account, region }: TrailPlan, at: Date, index: number, random: Random) {
  const action = ACTIONS[random.below(ACTIONS.length)] ?? ACTIONS[0];
  const id = Array.from({ length: 8 }, () => random.below(65_536).toString(16).padStart(4, "0")).join("");
  return {
    eventVersion: "1.11",
    eventID: id,
    eventTime: seconds(new Date(at.getTime() + index * 1_000)),
    ...action,
    awsRegion: region,
    sourceIPAddress: "192.0.2.10",
    recipientAccountId: account,
    userIdentity: {
      type: "AssumedRole",
      accountId: account,
      arn: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@example.com`,
    },
  };
}
