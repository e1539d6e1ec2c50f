import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resign, unpackBundle, type BundleFile } from "#demo/prove/bundle-tampering.ts";
import type { Actor, Role } from "#lib/access/actor.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { downloadReport } from "#lib/services/reports/download-report.ts";
import { listReports } from "#lib/services/reports/list-reports.ts";
import { addReportEvidence } from "#lib/services/manual-evidence/add-report-evidence.ts";
import { readManualEvidence } from "#lib/services/manual-evidence/read-manual-evidence.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";
import { previewReport } from "#lib/services/reports/preview-report.ts";
import { readReport } from "#lib/services/reports/read-report.ts";
import { readSigningKey } from "#lib/services/reports/read-signing-key.ts";
import type { ReportView } from "#lib/services/reports/report-view.ts";
import { resolveParameters } from "#lib/services/reports/report-parameters.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { appendEvents } from "#lib/services/trail/append/append-events.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { pseudonymisePerson } from "#lib/services/trail/people/pseudonymise-person.ts";
import { readEntryProof } from "#lib/services/trail/heads/read-proof.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { createInstance, deliver, focusCsv, type TestInstance } from "#test/integration/instance.ts";
import { changeLine, eventOf, FORGOTTEN_CHANGES, verifiedByScript } from "#test/integration/services/trail-workshop.ts";
import { addTeams } from "#test/integration/slices/charges.ts";

let instance: TestInstance;
const actor = (role: Role, teamKey: string | null = null): Actor => ({
  id: `${role}@example.com`,
  name: role,
  role,
  teamKey,
});
const auditor = () => instance.context(actor("auditor"));
const MARCH = { from: "2026-03-01", to: "2026-04-01" };

beforeAll(async () => {
  instance = await createInstance({
    organisation: "Test & Söhne",
    tags: ["team"],
    sources: { billing: { kind: "focus", layout: "files", path: "./exports" } },
  });
  const { pool } = instance.database;
  await addTeams(instance.database, [{ key: "claims" }, { key: "policy" }]);
  await pool.query(
    `INSERT INTO allocation_rule (rule_id, position, name, match, target, created_by)
     VALUES (gen_random_uuid(), 1, 'tag', '{}', '{"kind":"tag-value","keys":["team"]}', 'test')`,
  );
  await deliver(instance.path("exports/2026-03.csv"), march("10"));
  await instance.load("billing");
  await pool.query(
    `INSERT INTO namespace (source_key, cluster_key, uid, name, phase, finalizers, labels, annotations, seen_from)
     VALUES ('c', 'one', 'u1', 'motor', 'Active', '[]', '{}', '{}', '2026-03-01'), ('c', 'one', 'u2', 'hub', 'Active', '[]', '{}', '{}', '2026-03-01')`,
  );
  await pool.query(
    `INSERT INTO namespace_summary (cluster_key, uid, source_key, name, provider, first_seen_at)
     VALUES ('one', 'u1', 'c', 'motor', 'eks', '2026-03-01'), ('one', 'u2', 'c', 'hub', 'eks', '2026-03-01')`,
  );
  await pool.query(
    `INSERT INTO namespace_owner (cluster_key, uid, team_key, strength, origin, reasons, seen_from)
     VALUES ('one', 'u1', 'claims', 'explicit', 'label', '["The label says so."]', '2026-03-01')`,
  );
  await pool.query(
    `INSERT INTO namespace_access (source_key, cluster_key, uid, binding, subject_kind, subject_name, subject_namespace, role_kind, role, seen_from)
     VALUES ('c', 'one', 'u1', 'b', 'Group', 'motor', '', 'ClusterRole', 'edit', '2026-03-01'), ('c', 'one', 'u2', 'b', 'User', '=cmd', '', 'ClusterRole', 'admin', '2026-03-01')`,
  );
});
afterAll(() => instance?.remove());

function march(claims: string): string {
  return focusCsv("2026-03", [
    { day: "2026-03-02", account: "a1", service: "EC2", billed: claims, tags: { team: "claims" } },
    { day: "2026-03-02", account: "a2", service: "EC2", billed: "5.000000000001", tags: { team: "policy" } },
    { day: "2026-03-03", account: "a3", service: "EC2", billed: "-1.5" },
  ]);
}

async function make(input: object, by = auditor()): Promise<ReportView & { path: string }> {
  const { id } = await requestReport(by, { formats: ["csv", "jsonl"], ...input });
  await makeReport(instance.context(), { reportId: id });
  return { ...(await readReport(by, { reportId: id })), path: bundlePath(instance.home, id) };
}

function inside(path: string, name: string): string {
  return execFileSync("unzip", ["-p", path, name], { encoding: "utf8", maxBuffer: 1e8 });
}

describe("a report that is asked for", () => {
  test.each([
    ["allocation", MARCH, 6],
    ["namespaces", {}, 2],
    ["access", {}, 2],
    ["changes", { from: "2020-01-01", to: "2100-01-01" }, expect.any(Number)],
  ] as const)("%s is a bundle that verifies", async (kind, asked, rows) => {
    const made = await make({ kind, ...asked, formats: undefined });
    expect(made).toMatchObject({ state: "ready", error: null, progress: null });
    expect(made.rows).toEqual(rows);
    expect(made.rows).toBeGreaterThan(0);
    expect(verifyBundle(made.path, (await readSigningKey(instance)).publicKey)).toMatchObject({
      ok: true,
      problems: [],
    });
    const preview = await previewReport(auditor(), { kind, ...asked });
    expect(preview).toMatchObject({ count: rows, isAtLeast: false });
  });

  test("compliance is written as OSCAL and OCSF too, and names its looks and gaps", async () => {
    const { pool } = instance.database;
    await pool.query(
      `INSERT INTO evaluation_look (source_key, part, at, outcome, good_until, error) VALUES
       ('config', 'one', '2026-03-01', 'complete', '2026-03-03', NULL), ('config', 'one', '2026-03-04', 'failed', '2026-03-04', '{"message":"Access denied."}')`,
    );
    await pool.query(
      `INSERT INTO manual_evidence (framework_id, control_id, note, file_name, media_type, sha256, size, content, uploaded_by, uploaded_at, withdrawn_at) VALUES
       ('cis-aws-1.4', '1.1', 'Minutes', 'Über uns.txt', 'text/plain', encode(sha256('read'), 'hex'), 4, 'read', 'one', '2026-02-01', NULL),
       ('cis-aws-1.4', '1.1', 'Withdrawn before', 'old.txt', 'text/plain', '', 3, 'old', 'one', '2026-02-01', '2026-02-02')`,
    );
    const made = await make({
      kind: "compliance",
      frameworkId: "cis-aws-1.4",
      ...MARCH,
      formats: ["csv", "oscal", "ocsf", "pdf"],
    });
    expect(made).toMatchObject({ state: "ready", error: null });
    expect(verifyBundle(made.path, (await readSigningKey(instance)).publicKey)).toMatchObject({
      ok: true,
      problems: [],
    });
    const { predicate, subject } = JSON.parse(inside(made.path, "manifest.json")) as {
      predicate: { gaps: object[]; sources: object[] };
      subject: { name: string }[];
    };
    expect(subject.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "oscal/assessment-results.json",
        "oscal/assessment-plan.json",
        "ocsf/compliance-findings.jsonl",
        "evidence/evidence.jsonl",
      ]),
    );
    const byHand = subject.filter(({ name }) => name.startsWith("evidence/by-hand/"));
    expect(byHand.map(({ name }) => name.replace(/\d+/, "N"))).toEqual(["evidence/by-hand/N-_ber_uns.txt"]);
    expect(inside(made.path, byHand[0]?.name ?? "")).toBe("read");
    expect(predicate.gaps).toContainEqual({
      source: "config",
      part: "one",
      from: "2026-03-03T00:00:00.000Z",
      to: null,
      reason: "Access denied.",
    });
    expect(predicate.sources).toContainEqual({
      source: "config",
      part: "one",
      at: "2026-03-01T00:00:00.000Z",
      run: null,
    });
  });

  test("compliance over a period that goes on ends at the instant, and one that has not begun is refused", async () => {
    const context = auditor();
    const asked = { kind: "compliance", frameworkId: "cis-aws-1.4", from: "2026-03-01", to: "2999-01-01" };
    expect((await resolveParameters(context, asked)).period?.to).toBe(context.now.toISOString());
    await expect(resolveParameters(context, { ...asked, from: "2998-01-01" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("its control totals are the invoice's, to the last decimal", async () => {
    const { path } = await make({ kind: "allocation", ...MARCH, formats: ["csv"] });
    const { predicate } = JSON.parse(inside(path, "manifest.json"));
    expect(predicate.controlTotals).toContainEqual({
      name: "2026-03 billed EUR",
      total: "13.500000000001",
      expected: "13.500000000001",
      difference: "0",
    });
    expect(predicate.tables[0].totals).toContainEqual({
      column: "Amount",
      where: { column: "Sum of", value: "2026-03 billed EUR" },
      sum: "13.500000000001",
    });
  });

  test("is the same bytes again after a restatement, and other bytes as of now", async () => {
    const asOf = new Date().toISOString();
    const before = await make({ kind: "allocation", ...MARCH, asOf });
    await deliver(instance.path("exports/2026-03.csv"), march("99"));
    await instance.load("billing");
    const after = await make({ kind: "allocation", ...MARCH, asOf });
    expect(after.sha256).toBe(before.sha256);
    const now = await make({ kind: "allocation", ...MARCH });
    expect(inside(now.path, "data/allocation.csv")).toContain("99");
  });

  test("a worker that was killed in the middle is followed by one that makes the same", async () => {
    const input = { kind: "namespaces", asOf: new Date().toISOString(), formats: ["csv", "jsonl"] };
    const whole = await make(input);
    const { id } = await requestReport(auditor(), input);
    const stopping = new AbortController();
    stopping.abort(new Error("killed"));
    await expect(makeReport(instance.context(), { reportId: id, signal: stopping.signal })).rejects.toThrow("killed");
    expect(await readReport(auditor(), { reportId: id })).toMatchObject({ state: "failed", sha256: null });
    await makeReport(instance.context(), { reportId: id });
    expect((await readReport(auditor(), { reportId: id })).sha256).toBe(whole.sha256);
  });
});

describe("who asks and who downloads", () => {
  test("is logged, and is itself a report", async () => {
    const { id, sha256 } = await make({ kind: "access" });
    const file = await downloadReport(auditor(), { reportId: id });
    expect((await stat(file.path)).size).toBe(file.size);
    const log = await make({ kind: "changes", from: "2020-01-01", to: "2100-01-01", formats: ["jsonl"] });
    const entries = inside(log.path, "data/changes.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const own = entries.filter((entry) => entry["To what"] === `access ${id}`).map((entry) => [entry.Did, entry.Who]);
    expect(own).toEqual([
      ["report.requested", "auditor@example.com"],
      ["report.made", "command-line"],
      ["report.downloaded", "auditor@example.com"],
    ]);
    expect(JSON.stringify(entries)).toContain(sha256);
  });

  test("a member gets the own team's, sees the own reports only, and no change log", async () => {
    const member = instance.context(actor("member", "claims"));
    const { id, path, rows } = await make({ kind: "namespaces" }, member);
    expect(rows).toBe(1);
    expect(inside(path, "data/namespaces.csv")).not.toContain("hub");
    expect((await make({ kind: "access", teams: ["policy"] }, member)).rows).toBe(0);
    const cost = await make({ kind: "allocation", ...MARCH }, member);
    expect(inside(cost.path, "data/allocation.csv")).not.toContain("policy");
    expect(
      (await listReports(member, { limit: 50, before: null })).rows.every(
        (row) => row.requestedBy === "member@example.com",
      ),
    ).toBe(true);
    await expect(requestReport(member, { kind: "changes", ...MARCH })).rejects.toMatchObject({ code: "forbidden" });
    const stranger = instance.context({ ...actor("member", "policy"), id: "other@example.com" });
    for (const verb of [readReport, downloadReport])
      await expect(verb(stranger, { reportId: id })).rejects.toMatchObject({ code: "not_found" });
  });

  test("bad input names its field", async () => {
    const refused: [object, string][] = [
      [{ kind: "allocation" }, "from"],
      [{ kind: "allocation", from: "2026-03-02", to: "2026-04-01" }, "from"],
      [{ kind: "changes", from: "2026-03-02", to: "2026-03-02" }, "to"],
      [{ kind: "namespaces", formats: ["oscal"] }, "formats"],
      [{ kind: "namespaces", asOf: "2999-01-01T00:00:00Z" }, "asOf"],
    ];
    for (const [input, column] of refused)
      await expect(requestReport(auditor(), input)).rejects.toMatchObject({ code: "invalid_input", place: { column } });
  });
});

describe("a search of the trail that is taken away", () => {
  const HEAD = "proof/tree-head.dsse.json";
  const PROOFS = "proof/events.jsonl";
  const append = (from: number, count: number) =>
    instance.database.transact(({ sql }) =>
      appendEvents(
        sql,
        Array.from({ length: count }, (_, n) => eventOf(from + n)),
        new Date("2026-03-05T00:00:00Z"),
      ),
    );
  const asked = { kind: "trail", trail: { action: "delete namespaces" } };
  let made: Awaited<ReturnType<typeof make>>;
  let files: BundleFile[];
  beforeAll(async () => {
    await append(0, 300);
    made = await make(asked);
    files = unpackBundle(await readFile(made.path)).files;
  });

  /** What does not hold of the bundle once `change` was at one of its files and whoever has the key signed it again. */
  async function problemsAfter(name: string, change: (text: string) => string | Buffer): Promise<string[]> {
    const changed = files.map((file) =>
      file.name === name ? { name, data: Buffer.from(change(file.data.toString("utf8"))) } : file,
    );
    const path = `${made.path}.changed`;
    await writeFile(path, await resign(changed, openFileKey(instance.home)));
    return verifyBundle(path, (await readSigningKey(instance)).publicKey).problems;
  }
  test("has each event with its record, and proves it against the signed head that it brings", async () => {
    expect(made).toMatchObject({ state: "ready", error: null, rows: 150 });
    const { problems, facts } = verifyBundle(made.path, (await readSigningKey(instance)).publicKey);
    expect(problems).toEqual([]);
    expect(facts.join(" ")).toMatch(
      /150 events, each proven to be in the log of \d+ entries with the root [0-9a-f]{64}\./,
    );
    expect(verifiedByScript(made.path)).toContain("as it was signed");
  });

  test("shows what was changed, removed or proven otherwise, even where it was signed again", async () => {
    const other = await readEntryProof(auditor(), 0, null);
    expect(await problemsAfter(PROOFS, (text) => text)).toEqual([]);
    const changes: [string, (text: string) => string | Buffer, RegExp][] = [
      [PROOFS, changeLine(3, (proof) => ({ ...proof, record: '{"n":1}' })), /another record than was logged/],
      [PROOFS, changeLine(3, (proof) => ({ ...proof, personal: ["x", "user", null, null, null] })), /names somebody/],
      [
        PROOFS,
        changeLine(3, (proof) => ({ ...proof, leaf: String(proof["leaf"]).replace("delete", "create") })),
        /another leaf/,
      ],
      [PROOFS, changeLine(3, (proof) => ({ ...proof, path: [] })), /is not in the log/],
      [PROOFS, changeLine(3, (proof) => ({ ...proof, entry: 4 })), /Event 4/],
      [PROOFS, (text) => text.split("\n").slice(1).join("\n"), /There are proofs of 149 events, and not of 150/],
      [
        "data/events.csv",
        (text) => text.replace("delete namespaces", "create namespaces"),
        /its row in data\/events\.csv/,
      ],
      ["data/events.jsonl", (text) => text.replace("somebody@", "nobody@"), /its row in data\/events\.jsonl/],
      // A head that was signed as well, of the log as it was later.
      [HEAD, () => other.head.envelope.replace('"sig":"', '"sig":"A'), /no head of a log that this key signed/],
    ];
    for (const [name, change, problem] of changes)
      expect((await problemsAfter(name, change)).join(" ")).toMatch(problem);
    await append(300, 2);
    const sealed = await sealTrail(instance.context());
    const later = await readEntryProof(auditor(), 0, sealed?.size ?? 0);
    expect((await problemsAfter(HEAD, () => later.head.envelope)).join(" ")).toMatch(
      /is not in the log of the signed head/,
    );
  });

  test("is the same bytes again, whatever came later, and the head that it is proven against stays", async () => {
    const { asOf, throughEntry } = made.parameters;
    const again = await make({ ...asked, asOf, throughEntry });
    expect(again.sha256).toBe(made.sha256);
    expect((await make(asked)).rows).toBe(151);
  });

  test("is evidence for a control, byte for byte, whatever becomes of the report", async () => {
    const platform = instance.context(actor("platform"));
    const { id: reportId } = await requestReport(platform, { kind: "namespaces", formats: ["csv"] });
    const control = { frameworkId: "cis-aws-1.4", controlId: "1.1", note: "Who owns what", validUntil: null };
    await expect(addReportEvidence(platform, { ...control, reportId })).rejects.toMatchObject({ code: "conflict" });
    await makeReport(instance.context(), { reportId });
    const { id, sha256 } = await addReportEvidence(platform, { ...control, reportId });
    expect((await readReport(platform, { reportId })).sha256).toBe(sha256);
    const { body } = await readManualEvidence(platform, { id });
    expect(createHash("sha256").update(body).digest("hex")).toBe(sha256);
    await expect(addReportEvidence(auditor(), { ...control, reportId })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("is refused to whoever may not read the trail", async () => {
    await expect(requestReport(instance.context(actor("platform")), asked)).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("of which records were dropped says so, and proves it by the entries of the log", async () => {
    // The first 200 seconds.
    await placeHold(auditor(), { reason: "A case", sourceKey: "trail", to: "2026-03-04T00:03:20Z" });
    const everything = { from: "2026-03-04T00:00:00Z", to: "2026-03-05T00:00:00Z" };
    const order = { person: "else@example.com", reason: "Asked for it" };
    expect(await pseudonymisePerson(instance.context(), order)).toMatchObject({ changed: 34, held: 67, next: null });
    made = await make({ kind: "trail", trail: everything });
    const named = verifyBundle(made.path, (await readSigningKey(instance)).publicKey);
    expect([named.problems, named.facts.join(" ")]).toEqual([
      [],
      expect.stringMatching(/34 of them .*: pseudonymised on/),
    ]);
    const { dropped } = await dropExpired(instance.context(), { retention: { write: { count: 90, unit: "days" } } });
    expect(dropped).toBe(102);
    made = await make({ kind: "trail", trail: everything });
    expect(made).toMatchObject({ state: "ready", error: null, rows: 302 });
    files = unpackBundle(await readFile(made.path)).files;
    const { problems, facts } = verifyBundle(made.path, (await readSigningKey(instance)).publicKey);
    expect(problems).toEqual([]);
    expect(facts.join(" ")).toMatch(
      /Of 102 of them the record is gone: dropped by retention on \d{4}-\d\d-\d\d under the rule "write, kept 90 days", as entry \d+ of the log says\./,
    );
    expect(verifiedByScript(made.path)).toContain("dropped by retention");
    for (const [name, change, problem] of FORGOTTEN_CHANGES)
      expect((await problemsAfter(name, change)).join(" ")).toMatch(problem);
  });

  test("is not made of a log that somebody changed", async () => {
    const { pool } = instance.database;
    await pool.query("ALTER TABLE event DISABLE TRIGGER ALL");
    await pool.query("UPDATE event SET resource = 'namespaces/other' WHERE event_key = 'event 8'");
    await expect(make(asked)).rejects.toMatchObject({ code: "bad_data", message: expect.stringMatching(/Entry \d+/) });
  });
});

test("the signing key is made once, and nobody else may read it", async () => {
  expect(await readSigningKey(instance)).toEqual(await readSigningKey(instance));
  expect((await stat(`${instance.home}/secrets/signing-key.pem`)).mode & 0o777).toBe(0o600);
});
