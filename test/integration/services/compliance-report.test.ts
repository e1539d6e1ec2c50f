import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";
import { readSigningKey } from "#lib/services/reports/read-signing-key.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { HOUR_MS, june, ownAccounts, publish } from "./evaluations-workshop.ts";

const AUDITOR: Actor = { id: "auditor@example.com", name: "Auditor", role: "auditor", teamKey: null };
const asAuditor = () => ({ ...instance.context(AUDITOR), now: june("28T00") });

type Line = Record<string, string | null>;
type Finding = { props: { name: string; value: string }[]; target: { status: { state: string } } };

let instance: TestInstance;
beforeAll(async () => {
  instance = await createInstance({});
  await ownAccounts(instance, june("01T00"), { a1: "motor", a2: "life" });
  const goodForMs = 400 * HOUR_MS;
  // One account is looked at since the 12th, the other since the 13th; that one fails for a day and a half.
  await publish(instance, june("12T00"), [{ resource: "v1", verdict: "pass" }], { goodForMs });
  for (const [at, verdict] of [
    ["13T00", "pass"],
    ["15T00", "fail"],
    ["16T12", "pass"],
  ] as const)
    await publish(instance, june(at), [{ resource: "v2", verdict, account: "a2" }], { part: "a2", goodForMs });
});
afterAll(() => instance?.remove());

async function make(asked: object) {
  const formats = ["csv", "jsonl", "xlsx", "pdf", "oscal"];
  const { id } = await requestReport(asAuditor(), {
    kind: "compliance",
    frameworkId: "cis-aws-1.4",
    formats,
    ...asked,
  });
  await makeReport(instance.context(), { reportId: id });
  const path = bundlePath(instance.home, id);
  expect(verifyBundle(path, (await readSigningKey(instance)).publicKey).problems).toEqual([]);
  const inside = (name: string) => execFileSync("unzip", ["-p", path, name], { encoding: "utf8", maxBuffer: 1e8 });
  return { names: execFileSync("unzip", ["-Z1", path], { encoding: "utf8" }).trim().split("\n"), inside };
}

/** The lines of the only control that was evaluated, and whether it is satisfied in OSCAL. */
function answersOf(inside: (name: string) => string) {
  const lines = inside("data/control-periods.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line["Compliant all the time?"] !== "not evaluated");
  const document = JSON.parse(inside("oscal/assessment-results.json"));
  const findings: Finding[] = document["assessment-results"].results[0].findings;
  const own = findings.find(({ props }) =>
    props.some(({ name, value }) => name === "control" && value === lines[0]?.["Control"]),
  );
  const told = lines.map((line) =>
    ["Owner", "Compliant all the time?", "Days failed", "Days not known", "Longest failure in hours"].map(
      (name) => line[name],
    ),
  );
  return { told, state: own?.target.status.state };
}

test("a report of a period says of each control whether it was met all the time, and on how many days it was not", async () => {
  const { names, inside } = await make({ from: "2026-06-14", to: "2026-06-20" });
  for (const format of ["csv", "jsonl", "xlsx"]) expect(names).toContain(`data/control-periods.${format}`);
  expect(answersOf(inside)).toEqual({
    told: [
      ["(all)", "no", "2", "0", "36"],
      ["life", "no", "2", "0", "36"],
      ["motor", "yes", "0", "0", "0"],
    ],
    state: "not-satisfied",
  });
});

test("a control that passed since the first look is not satisfied for the time before it", async () => {
  const ofMotor = { teams: ["motor"] };
  const before = await make({ from: "2026-06-10", to: "2026-06-20", ...ofMotor });
  expect(answersOf(before.inside)).toEqual({
    told: [
      ["(all)", "not known", "0", "2", "0"],
      ["motor", "not known", "0", "2", "0"],
    ],
    state: "not-satisfied",
  });
  const since = await make({ from: "2026-06-12", to: "2026-06-20", ...ofMotor });
  expect(answersOf(since.inside).state).toBe("satisfied");
});

test("a report of an instant has no such table", async () => {
  const { names } = await make({});
  expect(names.filter((name) => name.includes("control-periods"))).toEqual([]);
});

test.each([
  ["namespaces", { from: "2026-06-01", to: "2026-06-20" }, "from"],
  ["access", { to: "2026-06-20" }, "to"],
  ["trail", { from: "2026-06-01" }, "from"],
] as const)(
  "a report of kind %s takes no period, and says so instead of leaving it out",
  async (kind, asked, column) => {
    const requested = requestReport(asAuditor(), { kind, ...asked });
    await expect(requested).rejects.toMatchObject({ code: "invalid_input", place: { column } });
  },
);
