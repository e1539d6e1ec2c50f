import { afterAll, beforeAll, expect, test } from "vitest";
import { NO_POSTURE_FILTERS } from "#lib/services/posture/posture-view.ts";
import { readPosturePeriod } from "#lib/services/posture/read-posture-period.ts";
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
