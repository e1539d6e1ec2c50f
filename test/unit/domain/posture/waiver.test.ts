import { describe, expect, test } from "vitest";
import { isWaiverInForce, waiverState, type WaiverTimes } from "#lib/domain/posture/waiver.ts";

const day = (text: string): Date => new Date(`2026-${text}T00:00:00Z`);

const APPROVED: WaiverTimes = {
  validFrom: day("03-10"),
  endsAt: day("07-01"),
  decidedAt: day("03-05"),
  decision: "approved",
  endedAt: null,
};

describe("a waiver", () => {
  test.each([
    ["waits until somebody has decided", APPROVED, "03-04", "waiting"],
    ["does not hold before its first day", APPROVED, "03-09", "upcoming"],
    ["holds from its first instant", APPROVED, "03-10", "active"],
    ["is about to end thirty days before", APPROVED, "06-01", "ending"],
    ["has ended at its end, which is exclusive", APPROVED, "07-01", "expired"],
    ["was in force before it was ended", { ...APPROVED, endedAt: day("04-01") }, "03-31", "active"],
    ["is over once it was ended", { ...APPROVED, endedAt: day("04-01") }, "04-01", "ended"],
    ["was refused", { ...APPROVED, decision: "refused" as const }, "03-20", "refused"],
    ["waited before it was refused", { ...APPROVED, decision: "refused" as const }, "03-04", "waiting"],
    ["expires undecided", { ...APPROVED, decidedAt: null, decision: null }, "08-01", "expired"],
  ])("%s", (_name, waiver, at, state) => {
    expect(waiverState(waiver, day(at))).toBe(state);
  });

  test("decided late holds from the decision on, not from the day that was asked for", () => {
    const late = { ...APPROVED, decidedAt: day("04-01") };
    expect(isWaiverInForce(late, day("03-20"))).toBe(false);
    expect(isWaiverInForce(late, day("04-01"))).toBe(true);
  });
});
