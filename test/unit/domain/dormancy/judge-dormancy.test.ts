import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeDormancy, type DormancyEvidence, type DormancyOptions } from "#lib/domain/dormancy/judge-dormancy.ts";
import {
  lastAbove,
  NOISE_FLOOR,
  SIGN_NAMES,
  SIGNS,
  type SignEvidence,
  type SignName,
} from "#lib/domain/dormancy/sign.ts";
import type { NamespaceFacts } from "#lib/domain/dormancy/veto.ts";
import { AT, daysAgo, dormancyArbitrary, facts, LONG_AGO, observed, quietSigns } from "./fixtures.ts";

const NOT_COLLECTED: SignEvidence = { state: "not-collected", detail: "no source" };
const DENIED: SignEvidence = { state: "unknown", detail: "pods is forbidden" };

function judge(
  signs: Partial<Record<SignName, SignEvidence>> = {},
  more: Partial<NamespaceFacts> = {},
  options: Partial<DormancyOptions> = {},
) {
  return judgeDormancy({ signs: quietSigns(signs), facts: facts(more) }, { at: AT, ...options });
}

const activities = SIGN_NAMES.filter((sign) => SIGNS[sign].kind === "activity");
const presences = SIGN_NAMES.filter((sign) => SIGNS[sign].kind === "presence");

describe("quiet in every sign", () => {
  test("is unused since the last use, with a reason for each sign", () => {
    const judged = judge({ pods: observed({ lastUse: daysAgo(45) }), people: observed({ lastUse: daysAgo(80) }) });
    expect(judged).toMatchObject({ verdict: "unused", holdsData: false, vetoes: [], since: daysAgo(45) });
    expect(judged.reasons).toHaveLength(SIGN_NAMES.length);
    expect(judged.reasons[0]).toBe("No pod ran in 30 days.");
  });

  test("and never used is unused since every sign has been observed", () => {
    expect(judge({ jobs: observed({ observedFrom: daysAgo(50) }) }).since).toBe(daysAgo(50));
  });
});

describe("each sign", () => {
  test.each(activities)("%s within the window is use", (sign) => {
    const judged = judge({ [sign]: observed({ lastUse: daysAgo(3), detail: "seen" }) });
    expect(judged).toMatchObject({ verdict: "used", since: null });
    expect(judged.reasons).toEqual([`${SIGNS[sign].shows} (seen), last at ${daysAgo(3)}.`]);
    expect(judged.wouldChange).toEqual([`No further use until ${daysAgo(-27)}.`]);
  });

  test.each(activities)("%s is use from the first instant of the window on, and not before", (sign) => {
    expect(judge({ [sign]: observed({ lastUse: daysAgo(30) }) }).verdict).toBe("used");
    const before = new Date(Date.parse(daysAgo(30)) - 1).toISOString();
    expect(judge({ [sign]: observed({ lastUse: before }) }).verdict).toBe("unused");
  });

  test.each(presences)(
    "%s is no use where CPU and traffic are quiet, and unknown where either is not measured",
    (sign) => {
      const present = { [sign]: observed({ lastUse: AT }) };
      expect(judge(present).verdict).toBe("unused");
      expect(judge({ ...present, cpu: NOT_COLLECTED }).verdict).toBe("unknown");
      expect(judge({ ...present, traffic: NOT_COLLECTED }).verdict).toBe("unknown");
    },
  );

  test.each(SIGN_NAMES)("%s denied is unknown, and says what would tell", (sign) => {
    const judged = judge({ [sign]: DENIED });
    expect(judged.verdict).toBe("unknown");
    expect(judged.reasons).toEqual([`It is not known from ${SIGNS[sign].readFrom}: pods is forbidden`]);
    expect(judged.wouldChange).toEqual([`Permission to read ${SIGNS[sign].readFrom}.`]);
  });

  test.each(SIGN_NAMES)("%s missing is unknown", (sign) => {
    const { [sign]: _missing, ...signs } = quietSigns();
    expect(judgeDormancy({ signs, facts: facts() }, { at: AT }).verdict).toBe("unknown");
  });

  test.each(SIGN_NAMES)("%s that nobody collects is unknown only where it is required", (sign) => {
    const judged = judge({ [sign]: NOT_COLLECTED });
    expect(judged.verdict).toBe(SIGNS[sign].required ? "unknown" : "unused");
  });

  test.each(SIGN_NAMES)("%s observed for less than the window is unknown until it is complete", (sign) => {
    const judged = judge({ [sign]: observed({ observedFrom: daysAgo(29) }) });
    expect(judged.verdict).toBe("unknown");
    expect(judged.wouldChange).toEqual([`Observation of the whole window. It is complete at ${daysAgo(-1)}.`]);
    expect(judge({ [sign]: observed({ observedFrom: daysAgo(30) }) }).verdict).toBe("unused");
  });

  test.each(SIGN_NAMES)("%s with more than a day of gaps is unknown", (sign) => {
    const gap = (from: number, to: number) => ({ from: daysAgo(from), to: daysAgo(to) });
    expect(judge({ [sign]: observed({ gaps: [gap(5, 4.5), gap(3, 2.4)] }) }).verdict).toBe("unknown");
    // The same gap twice is one, and a gap before the window is none of it.
    expect(judge({ [sign]: observed({ gaps: [gap(5, 4), gap(5, 4), gap(60, 30)] }) }).verdict).toBe("unused");
  });
});

test.each(presences)("%s that was seen in a short observation does not stand for the rest of the window", (sign) => {
  expect(judge({ [sign]: observed({ observedFrom: daysAgo(5), lastUse: daysAgo(2) }) }).verdict).toBe("unknown");
});

test("a use that is no instant does not look like an old one", () => {
  expect(judge({ jobs: observed({ lastUse: "yesterday" }) }).verdict).toBe("used");
  expect(judge({ jobs: observed({ observedFrom: "some time" }) }).verdict).toBe("unknown");
});

test("use makes it used whatever else is unknown", () => {
  expect(judge({ pods: DENIED, jobs: observed({ lastUse: daysAgo(1) }) }).verdict).toBe("used");
});

describe("each veto", () => {
  const known = <T>(...value: T[]) => ({ known: true as const, value });
  const monthly = { name: "closing", schedule: "0 6 1 * *", isSuspended: false };

  test.each<[string, Partial<NamespaceFacts>, Partial<DormancyOptions>]>([
    ["cron-job", { cronJobs: known(monthly) }, {}],
    ["cron-job", { cronJobs: known({ ...monthly, schedule: "at dawn" }) }, {}],
    ["managed", { managedBy: known("Argo CD application claims") }, {}],
    ["watched-resource", { watchedResources: known("Database claims") }, {}],
    ["protected-name", { name: "kube-public" }, {}],
    ["protected-name", { name: "claims-dr" }, { protectedNames: ["*-dr"] }],
    ["protected-label", { labels: { keep: "Yes " } }, { protectedLabels: [{ key: "keep", value: "yes" }] }],
    ["protected-label", { labels: { keep: "" } }, { protectedLabels: [{ key: "keep" }] }],
    ["terminating", { isTerminating: true }, {}],
    ["holds-data", { volumes: known({ name: "data", bytes: 1 }) }, {}],
    ["holds-data", { volumes: known({ name: "data", bytes: null }) }, {}],
    ["exemption", { exemption: { reason: "season", until: daysAgo(-1) } }, {}],
  ])("%s keeps it from being unused", (kind, more, options) => {
    const judged = judge({}, more, options);
    expect(judged.verdict).toBe("asleep");
    expect(judged.vetoes.map((veto) => veto.kind)).toEqual([kind]);
    expect(judged.holdsData).toBe(kind === "holds-data");
    expect(judged.reasons[0]).toBe(judged.vetoes[0]?.reason);
    expect(judged.wouldChange).toEqual([judged.vetoes[0]?.wouldChange]);
  });

  test.each<[string, Partial<NamespaceFacts>, Partial<DormancyOptions>]>([
    ["a cron job that would have run in the window", { cronJobs: known({ ...monthly, schedule: "0 6 * * 1" }) }, {}],
    ["a monthly cron job in a longer window", { cronJobs: known(monthly) }, { windowDays: 60 }],
    ["a suspended cron job", { cronJobs: known({ ...monthly, isSuspended: true }) }, {}],
    ["an empty volume", { volumes: known({ name: "data", bytes: 0 }) }, {}],
    ["an exemption that has ended", { exemption: { reason: "season", until: AT } }, {}],
    ["a label with another value", { labels: { keep: "no" } }, { protectedLabels: [{ key: "keep", value: "yes" }] }],
  ])("%s is none", (_what, more, options) => {
    expect(judge({}, more, options).verdict).toBe("unused");
  });

  test.each(["cronJobs", "managedBy", "watchedResources", "volumes"] as const)("%s denied is unknown", (fact) => {
    const judged = judge({}, { [fact]: { known: false, detail: "forbidden" } });
    expect(judged.verdict).toBe("unknown");
    expect(judged.reasons[0]).toContain("could not be read: forbidden");
  });

  test("volumes with data are told of what is used, too", () => {
    const judged = judge({ cpu: observed({ lastUse: AT }) }, { volumes: known({ name: "data", bytes: 1 }) });
    expect(judged).toMatchObject({ verdict: "used", holdsData: true });
  });
});

test("the newest point above the floor is the last use, and gaps are none", () => {
  const points = [
    { at: daysAgo(3), value: 0.2 },
    { at: daysAgo(1), value: null },
    { at: daysAgo(2), value: 0.3 },
    { at: AT, value: 0.1 },
  ];
  expect(lastAbove(points, 0.1)).toBe(daysAgo(2));
  expect(lastAbove(points, 1)).toBeNull();
  expect(lastAbove(points, NOISE_FLOOR.cpuCores)).toBe(AT);
});

describe("for any evidence", () => {
  const verdictOf = (evidence: DormancyEvidence) => judgeDormancy(evidence, { at: AT }).verdict;
  const change = (evidence: DormancyEvidence, sign: SignName, to: SignEvidence): DormancyEvidence => ({
    ...evidence,
    signs: { ...evidence.signs, [sign]: to },
  });
  const signArbitrary = fc.constantFrom(...SIGN_NAMES);
  const runs = { numRuns: 3000 };

  test("more evidence of use never makes anything unused", () => {
    fc.assert(
      fc.property(dormancyArbitrary, signArbitrary, fc.integer({ min: 0, max: 60 }), (evidence, sign, days) => {
        const before = evidence.signs[sign];
        if (before?.state !== "observed" || verdictOf(evidence) === "unused") return;
        const lastUse = before.lastUse !== null && before.lastUse > daysAgo(days) ? before.lastUse : daysAgo(days);
        expect(verdictOf(change(evidence, sign, { ...before, lastUse }))).not.toBe("unused");
      }),
      runs,
    );
  });

  test("less observation never makes anything unused", () => {
    fc.assert(
      fc.property(dormancyArbitrary, signArbitrary, fc.integer({ min: 0, max: 60 }), (evidence, sign, days) => {
        if (verdictOf(evidence) === "unused") return;
        expect(verdictOf(change(evidence, sign, DENIED))).not.toBe("unused");
        const before = evidence.signs[sign];
        if (before?.state !== "observed") return;
        const observedFrom = before.observedFrom > daysAgo(days) ? before.observedFrom : daysAgo(days);
        expect(verdictOf(change(evidence, sign, { ...before, observedFrom }))).not.toBe("unused");
        const gaps = [...before.gaps, { from: daysAgo(days + 2), to: daysAgo(days) }];
        expect(verdictOf(change(evidence, sign, { ...before, gaps }))).not.toBe("unused");
      }),
      runs,
    );
  });

  test("unused has no use in the window, no veto and nothing unknown", () => {
    fc.assert(
      fc.property(dormancyArbitrary, (evidence) => {
        const judged = judgeDormancy(evidence, { at: AT });
        if (judged.verdict !== "unused") return;
        expect(judged.vetoes).toEqual([]);
        expect(judged.signs.filter(({ reading }) => reading === "unknown")).toEqual([]);
        const used = judged.signs.filter(({ reading }) => reading === "shows-use").map(({ sign }) => SIGNS[sign].kind);
        expect(used.filter((kind) => kind === "activity")).toEqual([]);
        expect(judged.since! <= AT && judged.since! >= LONG_AGO).toBe(true);
      }),
      runs,
    );
  });

  test("all four verdicts come up", () => {
    const seen = new Set(fc.sample(dormancyArbitrary, { numRuns: 2000, seed: 1 }).map(verdictOf));
    expect([...seen].toSorted()).toEqual(["asleep", "unknown", "unused", "used"]);
  });
});
