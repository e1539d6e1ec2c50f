import { addDays, type Day } from "#lib/domain/period.ts";
import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { LEAVER, mailOf } from "#demo/estate/people.ts";
import { sessionOf, type Doing, type TimedDoing, type TrailPlace } from "#demo/estate/trail-record.ts";

/** What somebody who looks through the trail should find: the account, how many days ago, and the time in UTC. */
type Plant = { in: string; daysAgo: number; time: string; doing: (place: TrailPlace, estate: Estate) => Doing };

const ARCHIVE = "log-archive";
const CLUSTERS = "shared-eks-prod";
const CLAIMS = "motor-claims-prod";
const ADMIN = mailOf("Tom Ruhland");
const MEMBER = mailOf("Lena Marbach");

/** Nothing comes from one account between two times of a day. */
export const TRAIL_SILENCE = { in: CLUSTERS, daysAgo: 5, from: "02:10:00", to: "11:40:00" } as const;
/** Days ago on which something of an account's files is wrong. That day has a file for each quarter of an hour. */
export const TRAIL_DAMAGE = {
  /** The first file from this hour on is not there. */
  missing: { in: ARCHIVE, daysAgo: 6, hour: 11 },
  /** A file lies there that CloudTrail did not write. */
  forged: { in: ACCOUNT_NAMES.payer, daysAgo: 5 },
  /** The digest was written again by somebody who has no key for it. */
  digest: { in: CLAIMS, daysAgo: 4 },
} as const;

const refused = (action: string) => ({
  errorCode: "AccessDenied",
  errorMessage: `User is not authorized to perform: ${action} with an explicit deny in a service control policy`,
});

export const TRAIL_PLANTS: Record<string, Plant> = {
  rootWithoutMfa: {
    in: ACCOUNT_NAMES.payer,
    daysAgo: 11,
    time: "21:47:12",
    doing: ({ account }) => signIn(rootOf(account), "No"),
  },
  rootWithMfa: {
    in: ACCOUNT_NAMES.payer,
    daysAgo: 3,
    time: "09:02:41",
    doing: ({ account }) => signIn(rootOf(account), "Yes"),
  },
  userWithoutMfa: {
    in: CLAIMS,
    daysAgo: 8,
    time: "10:15:33",
    doing: ({ account }) => signIn(userOf(account, "release-bot"), "No"),
  },
  administrator: {
    in: CLUSTERS,
    daysAgo: 7,
    time: "13:20:05",
    doing: (place) => ({
      ...change("iam.amazonaws.com", "AttachRolePolicy", sessionOf(place, "PlatformAdmin", ADMIN)),
      requestParameters: { roleName: "node-bootstrap", policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    }),
  },
  bucketPolicy: {
    in: ARCHIVE,
    daysAgo: 5,
    time: "14:41:50",
    doing: (place) => ({
      ...change("s3.amazonaws.com", "PutBucketPolicy", sessionOf(place, "PlatformAdmin", ADMIN)),
      requestParameters: { bucketName: "halvern-log-archive" },
    }),
  },
  stopLogging: {
    in: CLAIMS,
    daysAgo: 10,
    time: "15:03:27",
    doing: (place) => ({
      ...change("cloudtrail.amazonaws.com", "StopLogging", sessionOf(place, "Engineer", MEMBER)),
      requestParameters: { name: "halvern-organisation" },
      ...refused("cloudtrail:StopLogging"),
    }),
  },
  deleteTrail: {
    in: CLAIMS,
    daysAgo: 10,
    time: "15:04:58",
    doing: (place) => ({
      ...change("cloudtrail.amazonaws.com", "DeleteTrail", sessionOf(place, "Engineer", MEMBER)),
      requestParameters: { name: "halvern-organisation" },
      ...refused("cloudtrail:DeleteTrail"),
    }),
  },
  deleteRecorder: {
    in: CLAIMS,
    daysAgo: 10,
    time: "15:07:11",
    doing: (place) => ({
      ...change("config.amazonaws.com", "DeleteConfigurationRecorder", sessionOf(place, "Engineer", MEMBER)),
      requestParameters: { configurationRecorderName: "default", name: "default" },
      ...refused("config:DeleteConfigurationRecorder"),
    }),
  },
  deleteLogGroup: {
    in: CLUSTERS,
    daysAgo: 12,
    time: "11:36:02",
    doing: (place) => ({
      ...change("logs.amazonaws.com", "DeleteLogGroup", sessionOf(place, "PlatformAdmin", ADMIN)),
      requestParameters: { logGroupName: "/aws/eks/sandbox/cluster", name: "/aws/eks/sandbox/cluster" },
    }),
  },
  breakGlass: {
    in: CLUSTERS,
    daysAgo: 2,
    time: "02:48:19",
    doing: ({ account }) => ({
      ...change("eks.amazonaws.com", "CreateAccessEntry", {
        type: "AssumedRole",
        arn: `arn:aws:sts::${account}:assumed-role/break-glass/${ADMIN}`,
        accountId: account,
      }),
      requestParameters: { clusterName: "core-prod", principalArn: `arn:aws:iam::${account}:role/break-glass` },
    }),
  },
  leaver: {
    in: ACCOUNT_NAMES.payer,
    daysAgo: 2,
    time: "19:26:44",
    doing: ({ account }) => ({
      eventSource: "s3.amazonaws.com",
      eventName: "ListBuckets",
      readOnly: true,
      userIdentity: userOf(account, mailOf(LEAVER.name)),
    }),
  },
  outsideOfWindow: {
    in: CLAIMS,
    daysAgo: 14,
    time: "03:12:08",
    doing: (place) => ({
      ...change("rds.amazonaws.com", "ModifyDBInstance", sessionOf(place, "Engineer", MEMBER)),
      requestParameters: { dBInstanceIdentifier: "claims-main", name: "claims-main", applyImmediately: true },
    }),
  },
};

/** What was planted at a place on a day, and when it is silent then. Times are milliseconds of the day. */
export function plantedOn(
  estate: Estate,
  place: TrailPlace,
  start: Date,
): { isSilent: (at: number) => boolean; doings: TimedDoing[] } {
  const isDay = (daysAgo: number) => dayAgo(estate.calendar.today, daysAgo) === start.toISOString().slice(0, 10);
  const isQuiet = TRAIL_SILENCE.in === place.name && isDay(TRAIL_SILENCE.daysAgo);
  const [from, to] = [timeOf(TRAIL_SILENCE.from), timeOf(TRAIL_SILENCE.to)];
  const doings = Object.entries(TRAIL_PLANTS)
    .filter(([, plant]) => plant.in === place.name && isDay(plant.daysAgo))
    .map(([id, { time, doing }]) => ({ id, at: timeOf(time), doing: doing(place, estate) }));
  return { isSilent: (at) => isQuiet && at >= from && at < to, doings };
}

function dayAgo(today: Day, days: number): Day {
  return addDays(today, -days);
}

function timeOf(time: string): number {
  return Date.parse(`1970-01-01T${time}Z`);
}

function change(eventSource: string, eventName: string, userIdentity: Record<string, unknown>): Doing {
  return { eventSource, eventName, readOnly: false, userIdentity };
}

function signIn(userIdentity: Record<string, unknown>, MFAUsed: "Yes" | "No"): Doing {
  return {
    ...change("signin.amazonaws.com", "ConsoleLogin", userIdentity),
    responseElements: { ConsoleLogin: "Success" },
    additionalEventData: { MFAUsed, MobileVersion: "No", LoginTo: "https://console.aws.amazon.com/" },
  };
}

function rootOf(account: string): Record<string, unknown> {
  return { type: "Root", principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account };
}

function userOf(account: string, userName: string): Record<string, unknown> {
  return { type: "IAMUser", arn: `arn:aws:iam::${account}:user/${userName}`, accountId: account, userName };
}
