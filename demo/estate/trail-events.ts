import { ACCOUNT_NAMES } from "#demo/estate/accounts.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { type Random, randomFor, uuidOf } from "#demo/estate/random.ts";
import { plantedOn } from "#demo/estate/trail-plants.ts";
import {
  sessionOf,
  type Doing,
  type TimedDoing,
  type TrailPlace,
  type TrailRecord,
} from "#demo/estate/trail-record.ts";

const DAY_MS = 86_400_000;
/** Services act around the clock, so that a silence of some hours is one. */
const SERVICE_EVENTS_A_DAY = 40;
/** People act on working days from seven in the morning to four in the afternoon, UTC. */
const PEOPLE_EVENTS_A_DAY = 12;
const [FIRST_HOUR, WORKING_HOURS] = [6, 9];

/** Parts of the organisation's trail. The others are left out, for each is a run of its own at the demo's start. */
export function trailPlaces(estate: Estate): TrailPlace[] {
  const place = (name: string, region: string): TrailPlace => {
    const account = estate.accounts.find((one) => one.provider === "AWS" && one.name === name);
    if (!account) throw new RangeError(`The estate has no account ${name}.`);
    return { account: account.id, name, region };
  };
  return [
    // Sign-ins of root and IAM are told of in us-east-1.
    place(ACCOUNT_NAMES.payer, "us-east-1"),
    place("log-archive", "eu-central-1"),
    place("shared-eks-prod", "eu-central-1"),
    place("motor-claims-prod", "eu-central-1"),
  ];
}

/** What happened at a place on the UTC day that starts at `start`, the oldest first; the same for the same estate, place and day. */
export function trailEventsOfDay(estate: Estate, place: TrailPlace, start: Date): TrailRecord[] {
  const day = start.toISOString().slice(0, 10);
  const random = randomFor(estate.seed, "trail", place.name, day);
  const doings: TimedDoing[] = [];
  for (let n = 0; n < SERVICE_EVENTS_A_DAY; n += 1) {
    const at = Math.floor(((n + random.below(1_000) / 1_000) * DAY_MS) / SERVICE_EVENTS_A_DAY);
    doings.push({ id: `service ${n}`, at, doing: serviceDoing(place, random) });
  }
  const people = peopleOf(estate, place);
  const isWorkday = start.getUTCDay() % 6 !== 0;
  for (let n = 0; isWorkday && n < PEOPLE_EVENTS_A_DAY; n += 1) {
    const at = (FIRST_HOUR * 3_600 + random.below(WORKING_HOURS * 3_600)) * 1_000;
    doings.push({ id: `person ${n}`, at, doing: personDoing(place, random.pick(people), random) });
  }
  const { isSilent, doings: planted } = plantedOn(estate, place, start);
  return [...doings.filter(({ at }) => !isSilent(at)), ...planted]
    .toSorted((a, b) => a.at - b.at)
    .map(({ id, at, doing }) => ({
      eventVersion: "1.11",
      eventID: uuidOf("trail", place.account, day, id),
      eventTime: `${new Date(start.getTime() + at).toISOString().slice(0, 19)}Z`,
      awsRegion: place.region,
      recipientAccountId: place.account,
      sourceIPAddress: "198.51.100.24",
      ...doing,
    }));
}

/** Who works in the account: its team, or the platform's people. */
function peopleOf({ accounts, people, calendar }: Estate, { account }: TrailPlace): string[] {
  const team = accounts.find(({ id }) => id === account)?.team ?? "cloud-platform";
  const own = people.filter((person) => person.team === team && person.activeTo === null);
  const mails = own.map(({ mail }) => mail);
  if (mails.length === 0) throw new RangeError(`The team ${team} has nobody on ${calendar.today}.`);
  return mails;
}

const SERVICES = [
  ["config.amazonaws.com", "sts.amazonaws.com", "AssumeRole", true],
  ["autoscaling.amazonaws.com", "ec2.amazonaws.com", "DescribeInstances", true],
  ["backup.amazonaws.com", "backup.amazonaws.com", "StartBackupJob", false],
  ["elasticloadbalancing.amazonaws.com", "ec2.amazonaws.com", "DescribeNetworkInterfaces", true],
] as const;

function serviceDoing({ account }: TrailPlace, random: Random): Doing {
  const [service, eventSource, eventName, readOnly] = random.pick(SERVICES);
  const userIdentity = { type: "AWSService", invokedBy: service, accountId: account };
  return { eventSource, eventName, readOnly, userIdentity, sourceIPAddress: service };
}

const WORK = [
  ["ec2.amazonaws.com", "DescribeInstances", true, {}],
  ["s3.amazonaws.com", "ListBuckets", true, {}],
  ["cloudwatch.amazonaws.com", "GetMetricData", true, {}],
  ["rds.amazonaws.com", "ModifyDBInstance", false, { dBInstanceIdentifier: "claims-main", name: "claims-main" }],
  ["lambda.amazonaws.com", "UpdateFunctionCode20150331v2", false, { functionName: "intake-router" }],
  ["iam.amazonaws.com", "ListRoles", true, {}],
  ["signin.amazonaws.com", "ConsoleLogin", false, null],
] as const;

function personDoing(place: TrailPlace, mail: string, random: Random): Doing {
  const [eventSource, eventName, readOnly, parameters] = random.pick(WORK);
  const doing = { eventSource, eventName, readOnly, userIdentity: sessionOf(place, "Engineer", mail) };
  if (parameters !== null) return { ...doing, requestParameters: parameters };
  // The identity provider asks for a second factor, of which AWS knows nothing.
  return {
    ...doing,
    responseElements: { ConsoleLogin: "Success" },
    additionalEventData: { MFAUsed: "No", MobileVersion: "No" },
  };
}
