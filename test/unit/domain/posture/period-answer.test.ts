import { expect, test } from "vitest";
import { answerPeriod } from "#lib/domain/posture/period-answer.ts";

const DAY = 86_400_000;
const period = { from: 0, to: 4 * DAY };

test("a day with a failure is a failed day, and one failed hour is not compliance all the time", () => {
  const stretches = [
    { verdict: "pass" as const, from: 0, to: DAY + 3_600_000 },
    { verdict: "fail" as const, from: DAY + 3_600_000, to: DAY + 7_200_000 },
    { verdict: "pass" as const, from: DAY + 7_200_000, to: null },
  ];
  expect(answerPeriod(stretches, [], period)).toEqual({
    days: { failed: 1, unknown: 0, passed: 3, notApplicable: 0 },
    isMetThroughout: false,
  });
});

test("a gap, a hole and an unknown are unknown days, never passed ones", () => {
  const stretches = [
    { verdict: "pass" as const, from: 0, to: 2 * DAY - 1 },
    { verdict: "unknown" as const, from: 2 * DAY, to: 3 * DAY },
    { verdict: "pass" as const, from: 3 * DAY, to: null },
  ];
  expect(answerPeriod(stretches, [{ from: 10, to: 20 }], period)).toEqual({
    days: { failed: 0, unknown: 3, passed: 1, notApplicable: 0 },
    isMetThroughout: false,
  });
});

test("what passed or did not apply throughout is met, and what never applied is not", () => {
  const passed = [{ verdict: "pass" as const, from: -DAY, to: null }];
  expect(answerPeriod(passed, [{ from: 9 * DAY, to: null }], period).isMetThroughout).toBe(true);
  const never = [{ verdict: "not_applicable" as const, from: 0, to: null }];
  expect(answerPeriod(never, [], period)).toEqual({
    days: { failed: 0, unknown: 0, passed: 0, notApplicable: 4 },
    isMetThroughout: false,
  });
});
