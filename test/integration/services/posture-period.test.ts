import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countedAs } from "#lib/reports/compliance/count-evaluations.ts";
import { copyEvaluations } from "#lib/services/posture/copy-evaluations.ts";
import { NO_POSTURE_FILTERS, type EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { readPosturePeriod } from "#lib/services/posture/read-posture-period.ts";
import { readSample } from "#lib/services/posture/read-sample.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { HOUR_MS, june, publish } from "./evaluations-workshop.ts";

/** The control of CIS AWS 1.4 that ENCRYPTED_VOLUMES alone speaks for in this test. */
const FRAMEWORK = "cis-aws-1.4";

let instance: TestInstance;

beforeAll(async () => {
  instance = await createInstance({});
  const goodForMs = 48 * HOUR_MS;
  await publish(
    instance,
    june("01T00"),
    [
      { resource: "v1", verdict: "pass" },
      { resource: "v2", verdict: "pass" },
    ],
    { goodForMs },
  );
  await publish(
    instance,
    june("02T00"),
    [
      { resource: "v1", verdict: "fail" },
      { resource: "v2", verdict: "pass" },
    ],
    { goodForMs },
  );
  await publish(
    instance,
    june("03T12"),
    [
      { resource: "v1", verdict: "pass" },
      { resource: "v2", verdict: "pass" },
    ],
    { goodForMs },
  );
  // Nobody looks from the 5th at noon to the 7th.
  await publish(
    instance,
    june("07T00"),
    [
      { resource: "v1", verdict: "pass" },
      { resource: "v2", verdict: "pass" },
    ],
    { goodForMs },
  );
});
afterAll(() => instance?.remove());

/** A first look at a part of its own on the 15th at noon, which is good for two days. */
async function lookFirst(part: string, items: { resource: string; from?: Date; to?: Date }[]): Promise<void> {
  const said = items.map((item) => ({ verdict: "pass" as const, account: part, ...item }));
  await publish(instance, june("15T12"), said, { part, goodForMs: 48 * HOUR_MS });
}

async function period(from: string, to: string, filters = {}) {
  const asked = { frameworkId: FRAMEWORK, from: june(from), to: june(to), asOf: null };
  const context = { ...instance.context(), now: june("20T00") };
  const view = await readPosturePeriod(context, { ...asked, filters: { ...NO_POSTURE_FILTERS, ...filters } });
  return view.controls.find(({ rules }) => rules.includes("ENCRYPTED_VOLUMES"));
}

test("a control that failed for a day and a half failed on two days, by one resource of two", async () => {
  expect(await period("01T00", "05T00")).toMatchObject({
    answer: "failed",
    failedDays: 2,
    unknownDays: 0,
    failed: [[june("02T00").getTime(), june("03T12").getTime()]],
    longestMs: 36 * HOUR_MS,
    resources: { all: 2, failed: 1, notKnown: 0 },
  });
});

test("what nobody looked at in time is not known, and never compliant", async () => {
  expect(await period("04T00", "08T00")).toMatchObject({
    answer: "not-known",
    failedDays: 0,
    unknown: [[june("05T12").getTime(), june("07T00").getTime()]],
    resources: { all: 2, failed: 0, notKnown: 2 },
  });
});

test("met throughout is met all the time; nothing that is asked for is not evaluated", async () => {
  expect(await period("04T00", "05T00")).toMatchObject({ answer: "all-the-time", failedDays: 0, unknownDays: 0 });
  expect(await period("04T00", "05T00", { accounts: ["elsewhere"] })).toBeUndefined();
});

test("a period that has not begun is refused", async () => {
  await expect(period("21T00", "25T00")).rejects.toMatchObject({ code: "invalid_input" });
});

test("time before the first look is not known, but for what that look brought of it", async () => {
  await lookFirst("untold", [{ resource: "u1" }]);
  expect(await period("10T00", "16T00", { accounts: ["untold"] })).toMatchObject({
    answer: "not-known",
    unknownDays: 6,
    unknown: [[june("10T00").getTime(), june("15T12").getTime()]],
    resources: { all: 1, failed: 0, notKnown: 1 },
  });
  await lookFirst("told", [{ resource: "t1", from: june("09T00") }]);
  const told = { answer: "all-the-time", unknownDays: 0 };
  expect(await period("10T00", "16T00", { accounts: ["told"] })).toMatchObject(told);
  expect(await period("08T00", "16T00", { accounts: ["told"] })).toMatchObject({ answer: "not-known", unknownDays: 1 });
  await lookFirst("partly", [
    { resource: "p1", from: june("09T00") },
    { resource: "p2", from: june("12T00") },
  ]);
  expect(await period("10T00", "16T00", { accounts: ["partly"] })).toMatchObject({
    unknown: [[june("10T00").getTime(), june("12T00").getTime()]],
    resources: { all: 2, failed: 0, notKnown: 1 },
  });
});

test("a row of a period is one thing for its whole time: cut where a gap or an accepted risk begins or ends", async () => {
  const fail = [{ rule: "OPEN_PORTS", resource: "c1", verdict: "fail" as const, account: "cut" }];
  const goodForMs = 48 * HOUR_MS;
  await publish(instance, june("01T00"), fail, { part: "cut", goodForMs });
  await publish(instance, june("07T00"), fail, { part: "cut", goodForMs: 400 * HOUR_MS });
  await instance.database.pool.query(
    `INSERT INTO waiver (rule_key, scope_kind, scope_key, reason, requested_by, requested_at, valid_from, ends_at, decided_by, decided_at, decision) VALUES
     ('OPEN_PORTS', 'account', 'cut', 'Old.', 'x', $1, $1, $2, 'y', $1, 'approved'), ('OPEN_PORTS', 'account', 'elsewhere', 'Old.', 'x', $3, $3, $2, 'y', $3, 'approved')`,
    [june("08T00"), june("30T00"), june("02T00")],
  );
  const asked = (from: string, to: string) => ({
    frameworkId: null,
    asOf: null,
    period: { from: june(from), to: june(to) },
    filters: { ...NO_POSTURE_FILTERS, accounts: ["cut"] },
    verdicts: [],
  });
  const rows: EvaluationRow[] = [];
  for await (const batch of streamEvaluations(instance.context(), asked("01T12", "09T00"))) rows.push(...batch);
  const pieces = rows.map((row) => [countedAs(row), row.from, row.to]);
  expect(pieces).toEqual([
    ["fail", june("01T12").toISOString(), june("03T00").toISOString()],
    ["not evaluated", june("03T00").toISOString(), june("07T00").toISOString()],
    ["fail", june("07T00").toISOString(), june("08T00").toISOString()],
    ["waived", june("08T00").toISOString(), null],
  ]);
  const exported = await copyEvaluations(instance.context(), asked("01T12", "09T00"), text);
  expect(exported.rows).toBe(4);
  const sampled = { ...asked("01T12", "09T00"), size: 5, seed: "1" };
  expect(await readSample(instance.context(), sampled)).toMatchObject({ population: 1, drawn: 1, rows });
});
