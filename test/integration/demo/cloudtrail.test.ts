import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoRoleOf, startAws, type AwsServer } from "#demo/aws/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { LEAVER, mailOf } from "#demo/estate/people.ts";
import { trailPlaces } from "#demo/estate/trail-events.ts";
import { TRAIL_DAMAGE, TRAIL_PLANTS } from "#demo/estate/trail-plants.ts";
import { bringTrail, TRAIL } from "#demo/exports/trail-files.ts";
import { addDays } from "#lib/domain/period.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import { cloudTrailSpec, planCloudTrail, readCloudTrail } from "#lib/sources/aws-cloudtrail/index.ts";
import { openAwsWorkshop, type AwsWorkshop } from "#test/integration/sources/aws-estate.ts";

const DAY_MS = 86_400_000;
const signal = new AbortController().signal;
let aws: AwsWorkshop;
beforeAll(async () => {
  aws = await openAwsWorkshop();
});
afterAll(() => aws.close());

describe("the demo's trail", () => {
  /** By place, as the first test leaves them. */
  const cursors = new Map<string, unknown>();
  async function readAll({ url }: AwsServer, estate: Estate, now: Date, from: Map<string, unknown>) {
    const { arn, externalId } = demoRoleOf(estate);
    const organization = { organizationId: estate.awsOrganization.id, roleArn: arn, externalId };
    const settings = cloudTrailSpec.parse({
      kind: "aws-cloudtrail",
      ...aws.connection,
      region: "eu-central-1",
      bucket: TRAIL.bucket,
      days: 90,
      ...organization,
      endpoint: url,
    });
    const slices = await planCloudTrail(settings, { gate: openGate, signal, logicalTime: now });
    expect(slices).toHaveLength(trailPlaces(estate).length);
    const events: TrailEvent[] = [];
    const findings: string[] = [];
    for (const { period } of slices) {
      const options = { gate: openGate, signal, now, cursor: from.get(period) ?? null, onProgress: () => undefined };
      for await (const batch of readCloudTrail("trail", settings, period, options)) {
        events.push(...batch.events);
        for (const { code, file } of batch.findings) findings.push(`${code} ${file.split("/")[2]}`);
        from.set(period, JSON.parse(JSON.stringify(batch.cursor)));
      }
    }
    return { events, findings };
  }

  test("is read whole, has what was planted, and tells of what is wrong with its files and of nothing else", async () => {
    const { estate } = aws;
    const end = new Date(Date.parse(estate.calendar.today) + DAY_MS / 2);
    // Half of it first, as a demo that is started a second time.
    await bringTrail(aws.scratchDir, estate, new Date(end.getTime() - 8.3 * DAY_MS));
    const trailKeys = await bringTrail(aws.scratchDir, estate, end);
    const server = await startAws({ root: join(aws.scratchDir, "estate", "s3"), estate, trailKeys });
    try {
      const { events, findings } = await readAll(server, estate, end, cursors);
      const accountOf = (name: string) => estate.accounts.find((one) => one.name === name)?.id ?? "";
      const forged = `digest_broken ${accountOf(TRAIL_DAMAGE.digest.in)}`;
      expect(findings.toSorted()).toEqual(
        [
          `file_missing ${accountOf(TRAIL_DAMAGE.missing.in)}`,
          `file_unnamed ${accountOf(TRAIL_DAMAGE.forged.in)}`,
          forged,
          forged,
        ].toSorted(),
      );
      expect(new Set(events.map(({ eventKey }) => eventKey)).size).toBe(events.length);
      for (const { in: account, daysAgo, time } of Object.values(TRAIL_PLANTS)) {
        const at = Date.parse(`${addDays(estate.calendar.today, -daysAgo)}T${time}Z`);
        expect(
          events.filter((one) => one.accountId === accountOf(account) && one.occurredAt.getTime() === at),
        ).toHaveLength(1);
      }
      const people = new Set(estate.people.map(({ mail }) => mail));
      expect(events.filter(({ person }) => person !== null && !people.has(person))).toEqual([]);
      const left = events.find(({ person }) => person === mailOf(LEAVER.name));
      expect(left?.occurredAt.getTime()).toBeGreaterThan(Date.parse(estate.calendar.personLeaves));
    } finally {
      await server.close();
    }
  });

  test("goes on with an estate of the next day, and nothing that was written is gone or changed", async () => {
    const { seed, scale, calendar } = aws.estate;
    const estate = createEstate({ seed, scale, today: addDays(calendar.today, 1), months: 4 });
    const end = new Date(Date.parse(estate.calendar.today) + DAY_MS / 3);
    const trailKeys = await bringTrail(aws.scratchDir, estate, end);
    const server = await startAws({ root: join(aws.scratchDir, "estate", "s3"), estate, trailKeys });
    try {
      const { events, findings } = await readAll(server, estate, end, cursors);
      expect(events.length).toBeGreaterThan(0);
      expect(findings).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
