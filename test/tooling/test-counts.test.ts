import { describe, expect, test } from "vitest";
import { countPlaywright, countVitest, formatCounts, NO_TESTS, sumCounts, withOutcome } from "#tooling/test-counts.ts";

const vitestReport = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    { status: "passed", assertionResults: [{ status: "passed" }] },
    { status: "failed", assertionResults: [{ status: "failed" }] },
  ],
};

describe("counting", () => {
  test("vitest's report is read", () => {
    expect(countVitest(vitestReport)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test("a file that broke before its first test is a failure", () => {
    const broken = { status: "failed", assertionResults: [] };
    expect(countVitest({ ...vitestReport, testResults: [...vitestReport.testResults, broken] }).failed).toBe(2);
  });

  test("a flaky test and an error outside of tests are failures", () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{ message: "no server" }] };
    expect(countPlaywright(report)).toEqual({ passed: 5, failed: 3, skipped: 2 });
  });

  test("a runner that ran nothing has failed, even with exit code 0", () => {
    expect(withOutcome(NO_TESTS, 0).failed).toBe(1);
  });

  test("a runner that crashed after its tests passed has failed", () => {
    expect(withOutcome({ passed: 4, failed: 0, skipped: 0 }, 134)).toEqual({ passed: 4, failed: 1, skipped: 0 });
  });

  test("the closing line sums all runners", () => {
    const sum = sumCounts([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 3, failed: 4, skipped: 0 },
    ]);
    expect(formatCounts(sum)).toBe("4 passed, 4 failed, 2 skipped");
  });
});
