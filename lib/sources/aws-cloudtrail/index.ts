import { AppError } from "#lib/errors.ts";
import { openTrailBucket } from "#lib/sources/aws-cloudtrail/client.ts";
import { connectionOf, openLookup } from "#lib/sources/aws-cloudtrail/lookup-client.ts";
import { readLookup } from "#lib/sources/aws-cloudtrail/read-lookup.ts";
import { readTrail } from "#lib/sources/aws-cloudtrail/read-trail.ts";
import { hasBucket, type CloudTrailSpec, type TrailBucketSpec } from "#lib/sources/aws-cloudtrail/spec.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { CLOUDTRAIL_LOOKUP_PERMISSIONS, CLOUDTRAIL_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";

export { cloudTrailSpec, type CloudTrailSpec } from "#lib/sources/aws-cloudtrail/spec.ts";

const ACCOUNT = /^\d{12}$/;
const HOUR_MS = 3_600_000;
type Asking = { gate: RequestGate; signal: AbortSignal };

/**
 * A slice for each account and region: "111122223333/eu-central-1", those that the bucket has logs of, or those of the settings. Each is looked at
 * every time.
 */
export async function planCloudTrail(
  spec: CloudTrailSpec,
  { gate, signal, logicalTime }: Asking & { logicalTime: Date },
): Promise<OfferedSlice[]> {
  const periods = await (hasBucket(spec) ? bucketPeriods(spec, { gate, signal }) : lookupPeriods(spec, gate, signal));
  return periods.map((period) => ({ period, fingerprint: logicalTime.toISOString(), files: [] }));
}

async function bucketPeriods(spec: TrailBucketSpec, { gate, signal }: Asking): Promise<string[]> {
  const bucket = await openTrailBucket(spec, gate, signal);
  try {
    const root = rootOf(spec);
    const periods: string[] = [];
    for (const account of (await bucket.folders(root)).filter((name) => ACCOUNT.test(name)))
      for (const region of await bucket.folders(`${root}${account}/CloudTrail/`)) periods.push(`${account}/${region}`);
    return periods;
  } finally {
    bucket.clients.close();
  }
}

async function lookupPeriods(spec: CloudTrailSpec, gate: RequestGate, signal: AbortSignal): Promise<string[]> {
  const accounts = spec.accountRole === undefined ? [await ownAccount(spec, gate, signal)] : spec.accounts;
  return accounts.flatMap((account) => regionsOf(spec).map((region) => `${account}/${region}`));
}

async function ownAccount(spec: CloudTrailSpec, gate: RequestGate, signal: AbortSignal): Promise<string> {
  const lookup = await openLookup(spec, gate, signal);
  try {
    return await lookup.account();
  } finally {
    lookup.clients.close();
  }
}

/** What an account's region has beyond the cursor. @throws AppError "not_found" for what names no account and region. */
export async function* readCloudTrail(
  sourceKey: string,
  spec: CloudTrailSpec,
  period: string,
  options: ReadEventsOptions & { gate: RequestGate },
): EventReading {
  const [account = "", region] = period.split("/");
  if (!ACCOUNT.test(account) || !region) throw new AppError("not_found", `The source has no "${period}".`);
  const place = { sourceKey, account, region, days: spec.days };
  if (!hasBucket(spec)) {
    const lookup = await openLookup(connectionOf(spec, account), options.gate, options.signal);
    try {
      // The rate is the account's, so that it is known before the first request is made.
      const own = await lookup.account();
      if (own !== account)
        throw new AppError("not_found", `The credentials are of account ${own}; ${account} cannot be looked up.`);
      yield* readLookup(place, lookup, options);
    } finally {
      lookup.clients.close();
    }
    return;
  }
  const bucket = await openTrailBucket(spec, options.gate, options.signal);
  try {
    yield* readTrail({ ...place, root: rootOf(spec), lateDays: spec.lateDays }, bucket, options);
  } finally {
    bucket.clients.close();
  }
}

/** Can the bucket be listed and the keys of digests be had, or events be looked up? Never throws for what it checks. */
export async function checkCloudTrail(
  spec: CloudTrailSpec,
  { gate, now, signal }: Asking & { now: Date },
): Promise<CheckResult[]> {
  if (!hasBucket(spec)) return checkLookup(spec, { gate, now, signal });
  const bucket = await openTrailBucket(spec, gate, signal);
  const { list, get, keys } = CLOUDTRAIL_PERMISSIONS;
  try {
    const credentials = await checkStep(whoOf(spec), () => bucket.clients.assumeRole());
    if (!credentials.ok) return [credentials];
    const since = new Date(now.getTime() - HOUR_MS);
    return [
      credentials,
      await checkStep(`list ${list.why} (${list.action})`, () => bucket.folders(rootOf(spec))),
      // Whoever may not read is told so of what is not there as well.
      await checkStep(`read ${get.why} (${get.action})`, () => bucket.get(`${rootOf(spec)}check`)),
      await checkStep(`list ${keys.why} (${keys.action})`, () => bucket.publicKeys(spec.region, since, now)),
    ];
  } finally {
    bucket.clients.close();
  }
}

async function checkLookup(
  spec: CloudTrailSpec,
  { gate, now, signal }: Asking & { now: Date },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const [{ action, why }] = CLOUDTRAIL_LOOKUP_PERMISSIONS;
  for (const account of spec.accountRole === undefined ? [null] : spec.accounts) {
    const connection = connectionOf(spec, account);
    const lookup = await openLookup(connection, gate, signal);
    try {
      const credentials = await checkStep(whoOf(connection), async () => {
        await lookup.clients.assumeRole();
        await lookup.account();
      });
      results.push(credentials);
      for (const region of credentials.ok ? regionsOf(spec) : [])
        results.push(
          await checkStep(`read ${why} in ${region} (${action})`, async () => {
            await lookup.pages(region, new Date(now.getTime() - HOUR_MS), now).next();
          }),
        );
    } finally {
      lookup.clients.close();
    }
  }
  return results;
}

function whoOf({ roleArn }: CloudTrailSpec): string {
  return roleArn === undefined ? "find credentials of AWS" : `assume ${roleArn}`;
}

function regionsOf({ region, regions }: CloudTrailSpec): readonly string[] {
  return regions.length === 0 ? [region] : [...new Set(regions)];
}

function rootOf({ prefix, organizationId }: TrailBucketSpec): string {
  const parts = [...prefix.split("/"), "AWSLogs", organizationId ?? ""].filter(Boolean);
  return `${parts.join("/")}/`;
}
