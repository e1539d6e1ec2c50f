import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Actor } from "#lib/access/actor.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { samplePlaces } from "#lib/domain/posture/sample.ts";
import { copyEvaluations } from "#lib/services/posture/copy-evaluations.ts";
import { exportSample } from "#lib/services/posture/export-sample.ts";
import { NO_POSTURE_FILTERS, type PopulationQuery } from "#lib/services/posture/posture-view.ts";
import { readAgeing } from "#lib/services/posture/read-ageing.ts";
import { readEvidence } from "#lib/services/posture/read-evidence.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import { readResource } from "#lib/services/posture/read-resource.ts";
import { readRule } from "#lib/services/posture/read-rule.ts";
import { readSample } from "#lib/services/posture/read-sample.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";
import { addTeams } from "#test/integration/slices/charges.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { HOUR_MS, june, ownAccounts, publish } from "./evaluations-workshop.ts";

let instance: TestInstance;
const MEMBER: Actor = { id: "m", name: "M", role: "member", teamKey: "motor" };
const AUDITOR: Actor = { id: "a", name: "A", role: "auditor", teamKey: null };
const as = (actor: Actor): ServiceContext => ({ ...instance.context(actor), now: june("20T10") });
const POPULATION: PopulationQuery = {
  frameworkId: null,
  asOf: null,
  period: null,
  filters: NO_POSTURE_FILTERS,
  verdicts: [],
};

beforeAll(async () => {
  instance = await createInstance({ frameworks: ["own.yaml"] });
  const control = { id: "1", title: "Encrypted", description: "Disks.", rules: ["ENCRYPTED_VOLUMES"] };
  const byHand = { id: "2", title: "Trained", description: "People.", manual: "A list of those who were." };
  await writeFile(
    join(instance.home, "own.yaml"),
    stringify({
      id: "own",
      name: "Own",
      version: "1",
      publisher: "Us",
      groups: [{ name: "G", controls: [control, byHand] }],
    }),
  );
  await addTeams(instance.database, [{ key: "motor" }, { key: "life" }]);
  await ownAccounts(instance, june("01T00"), { a1: "motor", a2: "life" });
  const goodForMs = 400 * HOUR_MS;
  await publish(
    instance,
    june("01T10"),
    [
      { resource: "v1", verdict: "fail", note: "=1+1", evidence: { key: null } },
      { resource: "v2", verdict: "pass" },
      { resource: "v3", verdict: "fail" },
    ],
    { goodForMs: 1_000 * HOUR_MS },
  );
  await publish(instance, june("01T10"), [{ resource: "v4", verdict: "pass", account: "a2" }], {
    part: "a2",
    goodForMs,
  });
  await publish(instance, june("02T10"), [{ resource: "v4", verdict: "fail", account: "a2" }], {
    part: "a2",
    goodForMs,
  });
  await instance.database.pool.query(
    `INSERT INTO waiver (rule_key, scope_kind, scope_key, reason, requested_by, requested_at, valid_from, ends_at, decided_by, decided_at, decision)
     VALUES ('ENCRYPTED_VOLUMES', 'resource', 'AWS::EC2::Volume v3', 'Old.', 'x', $1, $1, $2, 'y', $1, 'approved')`,
    [june("05T00"), june("30T00")],
  );
}, 120_000);
afterAll(() => instance?.remove());

const posture = (actor: Actor, asOf: Date) =>
  readPosture(as(actor), { frameworkId: "own", columnsBy: "team", asOf, filters: NO_POSTURE_FILTERS, trendDays: 5 });

test("what is waived and what nobody looked at in time are counted by themselves", async () => {
  const early = await posture(AUDITOR, june("04T10"));
  expect(early.total).toEqual({ pass: 1, fail: 3, waived: 0, unknown: 0, notApplicable: 0, notEvaluated: 0 });
  expect(early.gaps).toEqual([]);
  // Part a2 speaks until 400 hours after its look of the 2nd.
  const late = await posture(AUDITOR, june("20T10"));
  expect(late.total).toEqual({ pass: 1, fail: 1, waived: 1, unknown: 0, notApplicable: 0, notEvaluated: 1 });
  expect(late.gaps).toMatchObject([{ sourceKey: "config", part: "a2", until: null }]);
  expect(late.columns.map(({ key }) => key)).toEqual(["life", "motor"]);
  expect(late.controls.map(({ isWithoutRules, manual }) => [isWithoutRules, manual !== null])).toEqual([
    [false, false],
    [true, true],
  ]);
  expect(late.trend.map(({ counts }) => counts.notEvaluated)).toEqual([0, 0, 0, 1, 1]);
  expect(early.worse).toMatchObject([{ ruleKey: "ENCRYPTED_VOLUMES", columnKey: "motor" }, { columnKey: "life" }]);
});

test("a member sees the own team's, whatever is asked for", async () => {
  const own = await posture(MEMBER, june("04T10"));
  expect(own.columns.map(({ key }) => key)).toEqual(["motor"]);
  const asked = { ...NO_POSTURE_FILTERS, teams: ["life"] };
  const rows = async (actor: Actor) => {
    const found: string[] = [];
    for await (const batch of streamEvaluations(as(actor), { ...POPULATION, filters: asked }))
      found.push(...batch.map(({ resource }) => resource.name));
    return found;
  };
  expect(await rows(MEMBER)).toEqual([]);
  expect(await rows(AUDITOR)).toEqual(["v4"]);
  expect(await rows({ ...MEMBER, teamKey: null })).toEqual([]);
  const { rows: found } = await instance.database.pool.query<{ id: number }>(
    "SELECT id FROM compliance_resource WHERE name = 'v4'",
  );
  const others = { resourceId: found[0]?.id ?? 0, asOf: null };
  await expect(readResource(as(MEMBER), others)).rejects.toMatchObject({ code: "not_found" });
  const seen = await readResource(as(AUDITOR), others);
  // Nobody has looked since the 19th at two in the morning: what failed is cut there.
  expect(seen.rules[0]?.stretches.map(({ verdict, isGap }) => [verdict, isGap])).toEqual([
    ["fail", true],
    ["fail", false],
    ["pass", false],
  ]);
});

test("a rule shows failures first with their evidence, and whose it is not may not read it", async () => {
  const query = {
    ruleKey: "ENCRYPTED_VOLUMES",
    asOf: null,
    filters: NO_POSTURE_FILTERS,
    verdicts: [],
    offset: 0,
    limit: 2,
  };
  const view = await readRule(as(AUDITOR), query);
  expect(view.rows.map(({ resource, waiver }) => [resource.name, waiver !== null])).toEqual([
    ["v1", false],
    ["v3", true],
  ]);
  expect(view).toMatchObject({ total: 4, counts: { pass: 1, fail: 1, waived: 1, notEvaluated: 1 } });
  const hash = view.rows[0]?.evidenceHash ?? "";
  expect(await readEvidence(as(MEMBER), { hash })).toEqual({ hash, content: { key: null } });
  await expect(readEvidence(as({ ...MEMBER, teamKey: "life" }), { hash })).rejects.toMatchObject({ code: "not_found" });
  await expect(readRule(as(AUDITOR), { ...query, ruleKey: "NONE" })).rejects.toMatchObject({ code: "not_found" });
});

test("a sample is drawn again by its seed, and an export has all rows and no formula", async () => {
  const sample = { ...POPULATION, size: 2, seed: "2026" };
  const one = await readSample(as(AUDITOR), sample);
  expect(one).toMatchObject({ population: 4, seed: "2026" });
  expect((await readSample(as(AUDITOR), sample)).rows).toEqual(one.rows);
  await expect(readSample(as(AUDITOR), { ...sample, size: 0 })).rejects.toMatchObject({ code: "invalid_input" });
  const { rows, consumed } = await copyEvaluations(as(AUDITOR), POPULATION, text);
  expect(rows).toBe(4);
  expect(consumed.split("\n")).toHaveLength(6);
  expect(consumed).toContain(",'=1+1,");
  const stopped = copyEvaluations(as(AUDITOR), POPULATION, () => Promise.reject(new Error("Enough.")));
  await expect(stopped).rejects.toThrow("Enough.");
});

test("a sample is taken away with what draws it again, and a member's is of the own team", async () => {
  const sample = { ...POPULATION, size: 3, seed: "=2026" };
  const { at, rows } = await readSample(as(AUDITOR), sample);
  const { fileName, body } = await exportSample(as(AUDITOR), { ...sample, asOf: new Date(at) });
  expect(fileName).toBe("every-rule-sample-3-seed-_2026-as-of-2026-06-20T10_00_00.000Z.csv");
  const taken: Record<string, string>[] = parse(Buffer.from(body), { bom: true, columns: true });
  const asked = { Seed: "'=2026", Size: "3", Population: "4", "Period from": "", "As of": at };
  expect(taken).toMatchObject(rows.map(({ resource }) => ({ Resource: resource.key, ...asked })));
  expect(taken.map(({ Place }) => Number(Place))).toEqual(samplePlaces(4, 3, "=2026"));
  const all: string[] = [];
  for await (const batch of streamEvaluations(as(AUDITOR), POPULATION))
    all.push(...batch.map(({ resource }) => resource.key));
  expect(taken.map(({ Place, Resource }) => all[Number(Place)] === Resource)).toEqual([true, true, true]);
  const own = await exportSample(as(MEMBER), { ...sample, size: 9 });
  const ofMember: Record<string, string>[] = parse(Buffer.from(own.body), { bom: true, columns: true });
  expect(ofMember.map(({ Resource }) => Resource)).toEqual(["v1", "v2", "v3"]);
  await expect(exportSample(as(AUDITOR), { ...sample, seed: " " })).rejects.toMatchObject({ code: "invalid_input" });
  const { rows: logged } = await instance.database.pool.query(
    "SELECT actor_id, subject, after FROM activity WHERE action = 'sample.exported' ORDER BY id",
  );
  expect(logged).toMatchObject([
    { actor_id: "a", subject: "every rule", after: { asOf: at, size: 3, seed: "=2026", population: 4, rows: 3 } },
    { actor_id: "m", after: { population: 3, rows: 3 } },
  ]);
});

test("a period that goes on ends now: nothing is not evaluated because its time has not come", async () => {
  const period = { from: june("10T00"), to: june("30T00") };
  const running = await readSample(as(AUDITOR), { ...POPULATION, period, size: 9, seed: "2026" });
  expect(running).toMatchObject({ from: period.from.toISOString(), at: june("20T10").toISOString() });
  const ended = { ...POPULATION, period: { ...period, to: june("20T10") }, size: 9, seed: "2026" };
  expect(running.rows).toEqual((await readSample(as(AUDITOR), ended)).rows);
  const later = { ...POPULATION, period: { from: june("21T00"), to: june("30T00") } };
  await expect(streamEvaluations(as(AUDITOR), later).next()).rejects.toMatchObject({ code: "invalid_input" });
});

test("failures age from when they failed, and an accepted one is not overdue", async () => {
  const { rows, due } = await readAgeing(as(AUDITOR), {
    frameworkId: "own",
    asOf: june("30T00"),
    filters: NO_POSTURE_FILTERS,
  });
  expect(rows).toMatchObject([{ teamKey: "motor", severity: "high", open: 2, waived: 0, overdue: 0, dueSoon: 2 }]);
  expect(due.map(({ resource, dueAt }) => [resource.name, dueAt])).toEqual([
    ["v1", "2026-07-01T10:00:00.000Z"],
    ["v3", "2026-07-01T10:00:00.000Z"],
  ]);
});
