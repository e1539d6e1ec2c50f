import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { readGaps } from "#lib/db/posture/read-gaps.ts";
import { closeParts } from "#lib/services/evaluations/close-parts.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { noteFailedLook } from "#lib/services/evaluations/note-failed-look.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { AppError } from "#lib/errors.ts";
import { addTeams } from "#test/integration/slices/charges.ts";
import { createInstance, deliver, type TestInstance } from "#test/integration/instance.ts";
import { HOUR_MS, june, ownAccounts, publish, reading, type Item } from "./evaluations-workshop.ts";

/** An account that the settings name. */
const NAMED = "111122223333";
let instance: TestInstance;

beforeAll(async () => {
  instance = await createInstance({
    sources: {
      drift: { kind: "terraform-plan", path: "./plans" },
      config: { kind: "aws-config", accounts: [NAMED], accountRole: "bursar", regions: ["eu-central-1"] },
    },
  });
  await addTeams(instance.database, [{ key: "motor" }, { key: "life" }]);
  await ownAccounts(instance, june("01T00"), { a1: "motor" });
}, 120_000);
beforeEach(() =>
  instance.database.pool.query(
    "TRUNCATE evaluation, evaluation_look, evaluation_part, evaluation_gap, posture_cell, posture_change, posture_month, compliance_rule, compliance_resource",
  ),
);
afterAll(() => instance?.remove());

const vol = (name: string, verdict: Item["verdict"], more: Partial<Item> = {}): Item => ({
  resource: name,
  verdict,
  ...more,
});

/** Every stretch in its own order: "v1 fail motor 01T10-02T10", and "(01T10-03T10)" for when it was known. */
async function stretches(): Promise<string[]> {
  const { rows } = await instance.database.pool.query<Record<string, string | null>>(
    `SELECT r.name, e.verdict, c.team_key AS team, to_char(valid_from, 'DD"T"HH24') AS f, to_char(valid_to, 'DD"T"HH24') AS t,
       to_char(recorded_at, 'DD"T"HH24') AS known, to_char(retired_at, 'DD"T"HH24') AS retired, to_char(held_from, 'DD"T"HH24') AS held
     FROM evaluation e JOIN compliance_resource r ON r.id = e.resource_id JOIN posture_cell c ON c.id = e.cell_id
     ORDER BY r.name, e.valid_from, e.recorded_at, e.id`,
  );
  return rows.map(
    (row) =>
      `${row.name} ${row.verdict} ${row.team} ${row.f}-${row.t ?? ""} known ${row.known}-${row.retired ?? ""} held ${row.held}`,
  );
}

/** The sum of all changes of the numbers, by grain. */
async function numbers(grain: string): Promise<string> {
  const { rows } = await instance.database.pool.query<{ numbers: string }>(
    `SELECT concat_ws(' ', sum(pass), sum(fail), sum(unknown), sum(not_applicable)) AS numbers FROM posture_change WHERE grain = $1`,
    [grain],
  );
  return rows[0]?.numbers ?? "";
}

test("what stays the same is left alone, what changed ends and begins, and what is missing ends", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail"), vol("v2", "pass"), vol("v3", "pass")]);
  const counts = await publish(instance, june("02T10"), [vol("v1", "pass"), vol("v2", "pass")]);
  expect(counts).toEqual({ items: 2, began: 1, ended: 2, restated: 0 });
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-02T10 known 01T10- held 01T10",
    "v1 pass motor 02T10- known 02T10- held 02T10",
    "v2 pass motor 01T10- known 01T10- held 01T10",
    "v3 pass motor 01T10-02T10 known 01T10- held 01T10",
  ]);
  for (const grain of ["full", "team", "account", "cluster", "total"]) expect(await numbers(grain)).toBe("2 0 0 0");
  const { rows } = await instance.database.pool.query(
    "SELECT subject, after FROM activity WHERE action = 'evaluations.published' ORDER BY id DESC LIMIT 1",
  );
  expect(rows[0]).toMatchObject({ subject: "config a1", after: { items: 2, began: 1, ended: 2 } });
});

test("another note or evidence begins a stretch, which remembers since when the verdict holds", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail", { note: "Not encrypted." })]);
  await publish(instance, june("02T10"), [vol("v1", "fail", { note: "Key is disabled.", evidence: { key: "k1" } })]);
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-02T10 known 01T10- held 01T10",
    "v1 fail motor 02T10- known 02T10- held 01T10",
  ]);
  expect(await numbers("full")).toBe("0 1 0 0");
});

test("a rule that could not be read makes its resources unknown, and a part that fails changes nothing", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail"), vol("v2", "pass", { rule: "S3_LOGGING" })]);
  const unread = [{ ruleKey: "ENCRYPTED_VOLUMES", reason: "Denied.", remedy: "config:Get*" }];
  await publish(instance, june("02T10"), [vol("v2", "pass", { rule: "S3_LOGGING" })], { unread });
  await publish(instance, june("02T11"), [vol("v2", "pass", { rule: "S3_LOGGING" })], { unread });
  await noteFailedLook(instance.database.pool, {
    sourceKey: "config",
    part: "a1",
    at: june("03T10"),
    error: new AppError("denied", "No."),
  });
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-02T10 known 01T10- held 01T10",
    "v1 unknown motor 02T10- known 02T10- held 02T10",
    "v2 pass motor 01T10- known 01T10- held 01T10",
  ]);
  const { rows } = await instance.database.pool.query("SELECT outcome FROM evaluation_look ORDER BY at");
  expect(rows.map(({ outcome }) => String(outcome))).toEqual(["complete", "partial", "partial", "failed"]);
});

test("what is learnt of the past takes back what was known and keeps it", async () => {
  await publish(instance, june("01T10"), [vol("v1", "pass"), vol("v2", "pass")]);
  await publish(instance, june("05T10"), [
    vol("v1", "pass", { from: june("03T10") }),
    vol("v1", "fail", { from: june("02T10"), to: june("03T10") }),
    vol("v2", "fail", { from: june("04T10") }),
  ]);
  expect(await stretches()).toEqual([
    "v1 pass motor 01T10- known 01T10-05T10 held 01T10",
    "v1 pass motor 01T10-02T10 known 05T10- held 01T10",
    "v1 fail motor 02T10-03T10 known 05T10- held 02T10",
    "v1 pass motor 03T10- known 05T10- held 03T10",
    "v2 pass motor 01T10- known 01T10-05T10 held 01T10",
    "v2 pass motor 01T10-04T10 known 05T10- held 01T10",
    "v2 fail motor 04T10- known 05T10- held 04T10",
  ]);
  // Said again it changes nothing.
  const again = await publish(instance, june("06T10"), [
    vol("v1", "pass", { from: june("03T10") }),
    vol("v1", "fail", { from: june("02T10"), to: june("03T10") }),
    vol("v2", "fail", { from: june("04T10") }),
  ]);
  expect(again).toEqual({ items: 3, began: 0, ended: 0, restated: 0 });
  expect(await numbers("total")).toBe("1 1 0 0");
});

test("a first look brings the past that its source kept, and a gap is noted when it ends", async () => {
  await publish(
    instance,
    june("10T10"),
    [
      vol("v1", "pass", { from: june("01T10"), to: june("04T10") }),
      vol("v1", "fail", { from: june("04T10"), to: june("06T10") }),
      vol("v1", "fail", { from: june("06T10"), note: "Still." }),
    ],
    { goodForMs: HOUR_MS },
  );
  expect(await stretches()).toEqual([
    "v1 pass motor 01T10-04T10 known 10T10- held 01T10",
    "v1 fail motor 04T10-06T10 known 10T10- held 04T10",
    "v1 fail motor 06T10- known 10T10- held 04T10",
  ]);
  const { rows } = await instance.database.pool.query<{ at: Date; pass: number; fail: number }>(
    "SELECT at, pass, fail FROM posture_change WHERE grain = 'total' ORDER BY at",
  );
  expect(rows).toEqual([
    { at: june("01T10"), pass: 1, fail: 0 },
    { at: june("04T10"), pass: -1, fail: 1 },
  ]);
  await publish(instance, june("10T12"), [vol("v1", "fail", { from: june("06T10"), note: "Still." })]);
  const gaps = await instance.database.pool.query("SELECT gap_from, gap_to FROM evaluation_gap");
  expect(gaps.rows).toEqual([{ gap_from: june("10T11"), gap_to: june("10T12") }]);
});

test("when an account changes hands, its stretches are cut and keep the owner of their time", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail"), vol("v2", "pass", { account: "a2" })]);
  await ownAccounts(instance, june("03T10"), { a1: "life" });
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-03T10 known 01T10- held 01T10",
    "v1 fail life 03T10- known 03T10- held 01T10",
    "v2 pass  01T10- known 01T10- held 01T10",
  ]);
  // A run that was queued before the account moved is recorded after it.
  await publish(instance, june("02T10"), [vol("v1", "pass"), vol("v2", "pass", { account: "a2" })]);
  expect((await stretches())[2]).toBe("v1 pass life 03T10- known 03T10- held 03T10");
  await ownAccounts(instance, june("04T10"), { a1: "motor" });
});

test("a closed account is not applicable from the day on that it is seen closed, and no gap any more", async () => {
  const { pool } = instance.database;
  await publish(instance, june("01T10"), [vol("v1", "fail"), vol("v2", "pass")]);
  const look = (text: string) =>
    instance.database.transact(({ sql }) =>
      closeParts(instance.context(SYSTEM_ACTOR), sql, { organisation: "organisation", at: june(text) }),
    );
  await pool.query(
    `INSERT INTO cloud_account (source_key, provider, account_id, name, mail, state, unit_id, is_management, seen_from)
     VALUES ('organisation', 'AWS', 'a1', 'one', '', 'SUSPENDED', 'r', false, '2026-06-01')`,
  );
  // The last look at it still speaks.
  expect(await look("01T12")).toBe(0);
  expect(await look("03T10")).toBe(1);
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-03T10 known 01T10- held 01T10",
    "v1 not_applicable motor 03T10- known 03T10- held 03T10",
    "v2 pass motor 01T10-03T10 known 01T10- held 01T10",
    "v2 not_applicable motor 03T10- known 03T10- held 03T10",
  ]);
  expect(await numbers("total")).toBe("0 0 0 2");
  expect(await look("20T10")).toBe(0);
  const gaps = await readGaps(pool, { from: june("01T00"), to: june("28T10") });
  expect(gaps.map(({ from, to }) => [from, to])).toEqual([[june("02T10"), june("03T10")]]);
  // Opened again, it is looked at again.
  await publish(instance, june("29T10"), [vol("v1", "pass")]);
  expect((await stretches()).at(1)).toBe("v1 not_applicable motor 03T10-29T10 known 03T10- held 03T10");
  await pool.query("TRUNCATE cloud_account");
});

test("an account that its organisation lists no more is not applicable from the day on that it is missed", async () => {
  const { pool } = instance.database;
  await publish(instance, june("01T10"), [vol("v1", "fail")]);
  await publish(instance, june("01T10"), [vol("w1", "fail", { account: NAMED })], { part: NAMED });
  const look = (text: string, organisation = "organisation") =>
    instance.database.transact(({ sql }) =>
      closeParts(instance.context(SYSTEM_ACTOR), sql, { organisation, at: june(text) }),
    );
  const list = (account: string, source: string, from: string, to: string | null) =>
    pool.query(
      `INSERT INTO cloud_account (source_key, provider, account_id, name, mail, state, unit_id, is_management, seen_from, seen_to)
       VALUES ($1, 'AWS', $2, 'one', '', 'ACTIVE', 'r', false, $3, $4)`,
      [source, account, june(from), to === null ? null : june(to)],
    );
  await list("a1", "organisation", "01T00", "01T12");
  await list(NAMED, "organisation", "01T00", "01T12");
  // The last look at it still speaks.
  expect(await look("01T12")).toBe(0);
  await list("a1", "another", "01T12", null);
  // Another organisation has it now, and is asked for another's.
  expect(await look("03T10")).toBe(0);
  expect(await look("03T10", "another")).toBe(0);
  await pool.query("UPDATE cloud_account SET seen_to = $1 WHERE source_key = 'another'", [june("04T09")]);
  // One that the settings name is meant to be looked at.
  expect(await look("04T10", "another")).toBe(1);
  expect(await stretches()).toEqual([
    "v1 fail motor 01T10-04T10 known 01T10- held 01T10",
    "v1 not_applicable motor 04T10- known 04T10- held 04T10",
    "w1 fail  01T10- known 01T10- held 01T10",
  ]);
  const { rows } = await pool.query("SELECT note FROM evaluation WHERE verdict = 'not_applicable'");
  expect(rows).toEqual([{ note: "The account has left its organisation." }]);
  const gaps = await readGaps(pool, { from: june("01T00"), to: june("28T10") });
  expect(gaps.map(({ part, from, to }) => [part, from, to])).toEqual([
    [NAMED, june("02T10"), null],
    ["a1", june("02T10"), june("04T10")],
  ]);
  // What was said as of an instant before stays a gap at it.
  expect((await readGaps(pool, { from: june("01T00"), to: june("03T10") })).map(({ to }) => to)).toEqual([null, null]);
  await publish(instance, june("29T10"), [vol("v1", "pass")]);
  expect((await stretches()).at(1)).toBe("v1 not_applicable motor 04T10-29T10 known 04T10- held 04T10");
  await pool.query("TRUNCATE cloud_account");
});

test("what the source says wrongly is refused by name, and a look that breaks off leaves nothing", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail")]);
  const before = await stretches();
  const refused: [Item[], RegExp][] = [
    [[vol("v1", "pass"), vol("v1", "fail")], /twice for the same time/],
    [[vol("v1", "pass", { from: june("09T10") })], /after the look/],
    [[vol("v1", "pass", { from: june("01T10"), to: june("01T09") })], /ends before it begins/],
  ];
  for (const [items, message] of refused) {
    const thrown: unknown = await publish(instance, june("02T10"), items).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "bad_data", message: expect.stringMatching(message) });
  }
  const broken = {
    ...reading([]),
    items: (async function* () {
      yield [];
      yield* reading([vol("v1", "pass")]).items;
      throw new AppError("throttled", "Enough.");
    })(),
  };
  const thrown: unknown = await instance.database
    .transact(({ sql }) =>
      publishEvaluations(instance.context(SYSTEM_ACTOR), sql, {
        sourceKey: "config",
        part: "a1",
        at: june("02T10"),
        goodForMs: HOUR_MS,
        reading: broken,
      }),
    )
    .catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: "throttled" });
  expect(await stretches()).toEqual(before);
  expect(await numbers("full")).toBe("0 1 0 0");
});

test("a connection that is killed in the middle of publishing leaves the last look", async () => {
  await publish(instance, june("01T10"), [vol("v1", "fail")]);
  const before = await stretches();
  const killing = {
    ...reading([]),
    items: (async function* () {
      yield* reading([vol("v1", "pass")]).items;
      await instance.database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()",
      );
    })(),
  };
  await expect(
    instance.database.transact(({ sql }) =>
      publishEvaluations(instance.context(SYSTEM_ACTOR), sql, {
        sourceKey: "config",
        part: "a1",
        at: june("02T10"),
        goodForMs: HOUR_MS,
        reading: killing,
      }),
    ),
  ).rejects.toThrow(/terminat|connection error/i);
  expect(await stretches()).toEqual(before);
});

test("drift is as old as the first look that saw it, where each plan overwrites the one before", async () => {
  const path = instance.path("plans/claims/plan.json");
  const change = { address: "aws_sqs_queue.q", type: "aws_sqs_queue", mode: "managed" };
  const planOn = (text: string, actions: string[], more: object = {}): Promise<void> =>
    deliver(
      path,
      JSON.stringify({
        format_version: "1.2",
        timestamp: june(text),
        resource_changes: [
          { ...change, change: { actions, before: { arn: "arn:aws:sqs:eu-central-1:a:q" }, after: {} } },
        ],
        ...more,
      }),
    );
  const lookOn = async (text: string): Promise<string> => {
    const { plan, readEvaluations } = await loadSource(instance.database, "drift");
    const [slice] = await plan({ logicalTime: june(text) });
    if (!slice) throw new Error("There is no plan.");
    const options = { signal: new AbortController().signal, onProgress: () => {}, now: june(text) };
    const read = await readEvaluations(slice, options);
    const look = { sourceKey: "drift", part: slice.period, at: june(text), goodForMs: HOUR_MS, reading: read };
    await instance.database.transact(({ sql }) => publishEvaluations(instance.context(SYSTEM_ACTOR), sql, look));
    const { rows } = await instance.database.pool.query<{ verdict: string; note: string }>(
      `SELECT e.verdict, e.note FROM evaluation e JOIN compliance_resource r ON r.id = e.resource_id
       WHERE r.resource_key = 'claims/aws_sqs_queue.q' AND e.valid_to IS NULL AND e.retired_at IS NULL`,
    );
    return rows.map(({ verdict, note }) => `${verdict} ${note}`).join();
  };
  await planOn("02T04", ["no-op"]);
  expect(await lookOn("02T05")).toMatch(/^pass It is as declared/);
  await planOn("03T04", ["update"]);
  expect(await lookOn("03T05")).toMatch(/^pass It has not been as declared since 3 June 2026|^pass .*2026-06-03/);
  await planOn("05T04", ["no-op"], { errored: true });
  expect(await lookOn("05T05")).toMatch(/^unknown/);
  await planOn("12T04", ["update"]);
  expect(await lookOn("12T05")).toMatch(/^fail .*(3 June 2026|2026-06-03)/);
  await planOn("13T04", ["no-op"]);
  expect(await lookOn("13T05")).toMatch(/^pass It is as declared/);
  await planOn("14T04", ["update"]);
  expect(await lookOn("14T05")).toMatch(/^pass .*(14 June 2026|2026-06-14)/);
});
