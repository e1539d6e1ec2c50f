import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import { administratorsOf } from "#demo/estate/guardrails.ts";
import type { Actor, Role } from "#lib/access/actor.ts";
import { observe } from "#lib/db/observe.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { NOON, openClusterWorkshop, type ClusterWorkshop } from "./clusters-workshop.ts";

const CLUSTER = "motor-claims-prod";
const OTHER = "regulatory-prod";
const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(NOON.getTime() + hours * HOUR_MS);

let workshop: ClusterWorkshop;
beforeAll(async () => {
  workshop = await openClusterWorkshop([CLUSTER, OTHER]);
  await workshop.look(at(0));
}, 180_000);
afterAll(() => workshop?.close());

const as = (role: Role, teamKey: string | null = null) => {
  const actor: Actor = { id: `${role}@example.com`, name: role, role, teamKey };
  return { ...workshop.instance.context(actor), now: at(48) };
};

/** The rows of an access review by the names of its columns. */
async function review(asked: object, by = as("auditor")): Promise<Record<string, string>[]> {
  const { id } = await requestReport(by, { kind: "access", formats: ["csv", "jsonl"], ...asked });
  await makeReport(workshop.instance.context(), { reportId: id });
  const path = bundlePath(workshop.instance.home, id);
  expect(verifyBundle(path)).toMatchObject({ ok: true, problems: [] });
  const inside = (name: string) => execFileSync("unzip", ["-p", path, name], { encoding: "utf8", maxBuffer: 1e8 });
  const rows: Record<string, string>[] = parse(inside("data/access.csv"), { bom: true, columns: true });
  const lines = inside("data/access.jsonl").trim().split("\n");
  expect(lines.map((line) => (line === "" ? {} : { ...JSON.parse(line) }).Scope)).toEqual(
    rows.length === 0 ? [undefined] : rows.map(({ Scope }) => Scope),
  );
  return rows;
}

const clusterWide = (rows: Record<string, string>[]) => rows.filter(({ Scope }) => Scope === "cluster-wide");

test("whoever holds cluster-admin by a binding of the whole cluster is in the review, beside whom a namespace names", async () => {
  const rows = await review({ asOf: at(1).toISOString(), formats: ["csv", "jsonl", "xlsx", "pdf"] });
  for (const cluster of [CLUSTER, OTHER])
    for (const { binding, kind, name, namespace } of administratorsOf({ name: cluster }))
      expect(rows).toContainEqual({
        Cluster: cluster,
        Scope: "cluster-wide",
        Namespace: "",
        Uid: "",
        Owner: "",
        Subject: name,
        "Subject's kind": kind,
        "Subject's namespace": namespace ?? "",
        Role: "cluster-admin",
        "Role's kind": "ClusterRole",
        Binding: binding,
        Since: at(0).toISOString(),
      });
  const others = rows.filter(({ Scope }) => Scope === "namespace");
  const { rows: named } = await workshop.instance.database.pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM namespace_access",
  );
  expect(others.length).toBe(named[0]?.n);
  expect(others.length).toBeGreaterThan(0);
  expect(clusterWide(rows).length + others.length).toBe(rows.length);
  expect(others.every(({ Namespace }) => Namespace !== "")).toBe(true);
  expect(await review({ asOf: at(-1).toISOString() })).toEqual([]);
});

test("narrowed to a team it has what is cluster-wide where the team has a namespace, and nowhere else", async () => {
  const all = await review({ asOf: at(1).toISOString() });
  const owner = all.find(({ Cluster, Owner }) => Cluster === CLUSTER && Owner !== "")?.["Owner"] ?? "";
  const { rows: owned } = await workshop.instance.database.pool.query<{ cluster: string }>(
    "SELECT DISTINCT cluster_key AS cluster FROM namespace_owner WHERE team_key = $1",
    [owner],
  );
  const clusters = owned.map(({ cluster }) => cluster);
  const wanted = clusterWide(all).filter(({ Cluster }) => clusters.includes(Cluster ?? ""));
  expect(wanted.length).toBeGreaterThan(0);
  for (const rows of [await review({ teams: [owner] }), await review({}, as("member", owner))]) {
    expect(clusterWide(rows)).toEqual(wanted);
    expect(rows.length).toBeGreaterThan(wanted.length);
    expect(new Set(rows.map(({ Owner }) => Owner))).toEqual(new Set(["", owner]));
  }
  expect(await review({ teams: ["nobody-of-this-name"] })).toEqual([]);
  const [only] = new Set((await review({ clusters: [OTHER] })).map(({ Cluster }) => Cluster));
  expect(only).toBe(OTHER);
});

test("is as of its instant, and who stays in a binding has had it since it began", async () => {
  const bind = (hours: number, names: readonly string[]) =>
    workshop.instance.database.transact(({ sql }) =>
      observe(sql, {
        table: "cluster_binding",
        scope: { source_key: "clusters", cluster_key: "own" },
        keys: ["name"],
        values: ["role", "subjects"],
        rows: [
          {
            name: "ops",
            role: "cluster-admin",
            subjects: names.map((name) => ({ kind: "User", name, namespace: null })),
          },
        ],
        at: at(hours),
      }),
    );
  await bind(1, ["first"]);
  await bind(2, ["first", "second"]);
  await bind(3, ["second"]);
  await bind(4, ["first", "second", "second"]);
  const held = async (hours: number) =>
    (await review({ clusters: ["own"], asOf: at(hours).toISOString() })).map(({ Subject, Since }) => [Subject, Since]);
  const since = (hours: number) => at(hours).toISOString();
  expect(await held(1)).toEqual([["first", since(1)]]);
  expect(await held(2)).toEqual([
    ["first", since(1)],
    ["second", since(2)],
  ]);
  expect(await held(3.5)).toEqual([["second", since(2)]]);
  expect(await held(5)).toEqual([
    ["first", since(4)],
    ["second", since(2)],
  ]);
});
