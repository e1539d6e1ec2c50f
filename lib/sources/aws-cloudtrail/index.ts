import { AppError } from "#lib/errors.ts";
import { openTrailBucket } from "#lib/sources/aws-cloudtrail/client.ts";
import { readTrail } from "#lib/sources/aws-cloudtrail/read-trail.ts";
import type { CloudTrailSpec } from "#lib/sources/aws-cloudtrail/spec.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { CLOUDTRAIL_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";

export { cloudTrailSpec, type CloudTrailSpec } from "#lib/sources/aws-cloudtrail/spec.ts";

const ACCOUNT = /^\d{12}$/;
const HOUR_MS = 3_600_000;
type Asking = { gate: RequestGate; signal: AbortSignal };

/** A slice for each account and region that the bucket has logs of: "111122223333/eu-central-1". Each is looked at every time. */
export async function planCloudTrail(
  spec: CloudTrailSpec,
  { gate, signal, logicalTime }: Asking & { logicalTime: Date },
): Promise<OfferedSlice[]> {
  const bucket = await openTrailBucket(spec, gate, signal);
  try {
    const root = rootOf(spec);
    const slices: OfferedSlice[] = [];
    for (const account of (await bucket.folders(root)).filter((name) => ACCOUNT.test(name)))
      for (const region of await bucket.folders(`${root}${account}/CloudTrail/`))
        slices.push({ period: `${account}/${region}`, fingerprint: logicalTime.toISOString(), files: [] });
    return slices;
  } finally {
    bucket.clients.close();
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
  const bucket = await openTrailBucket(spec, options.gate, options.signal);
  try {
    const place = { sourceKey, root: rootOf(spec), account, region, days: spec.days, lateDays: spec.lateDays };
    yield* readTrail(place, bucket, options);
  } finally {
    bucket.clients.close();
  }
}

/** Can the bucket be listed and the keys of digests be had? Never throws for what it checks. */
export async function checkCloudTrail(
  spec: CloudTrailSpec,
  { gate, now, signal }: Asking & { now: Date },
): Promise<CheckResult[]> {
  const bucket = await openTrailBucket(spec, gate, signal);
  const { list, get, keys } = CLOUDTRAIL_PERMISSIONS;
  try {
    const who = spec.roleArn === undefined ? "find credentials of AWS" : `assume ${spec.roleArn}`;
    const credentials = await checkStep(who, () => bucket.clients.assumeRole());
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

function rootOf({ prefix, organizationId }: CloudTrailSpec): string {
  const parts = [...prefix.split("/"), "AWSLogs", organizationId ?? ""].filter(Boolean);
  return `${parts.join("/")}/`;
}
