import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namespaceTruth } from "#demo/estate/namespaces.ts";
import { withRepositoryOwners } from "#lib/services/ownership/repository-owners.ts";
import { NOON, openClusterWorkshop, type ClusterWorkshop } from "./clusters-workshop.ts";

const CLUSTERS = ["motor-claims-prod", "rancher-tools", "life-policy-prod", "workplace-prod"];
let workshop: ClusterWorkshop;

beforeAll(async () => {
  workshop = await openClusterWorkshop(CLUSTERS);
  await workshop.look(NOON);
}, 120_000);
afterAll(() => workshop?.close());

type Row = { uid: string; team: string | null; strength: string; confidence: string | null; reasons: string[] };

test("evidence that names a team leads to it; what nobody is named by stays nobody's, and all say why", async () => {
  const { rows } = await workshop.instance.database.pool.query<Row>(
    "SELECT uid, nullif(team_key, '') AS team, strength, confidence, reasons FROM namespace_summary",
  );
  const found = new Map(rows.map((row) => [row.uid, row]));
  const truth = namespaceTruth(workshop.estate).filter(({ cluster }) => CLUSTERS.includes(cluster));
  expect(rows).toHaveLength(truth.length);
  const explicit = ["label", "label-former-name", "annotation", "mail-annotation"];
  const derived = ["argo-cd", "flux", "capsule", "rancher-creator", "rancher-project", "openshift-requester"];
  const wanted = (evidence: string) => {
    if (explicit.includes(evidence)) return "explicit";
    return derived.includes(evidence) ? "derived" : "none";
  };
  const certain = truth.filter(({ evidence }) => [...explicit, ...derived, "system"].includes(evidence));
  expect(certain.map(({ uid }) => [uid, found.get(uid)?.team, found.get(uid)?.strength])).toEqual(
    certain.map(({ uid, ownerTeam, evidence }) => [uid, ownerTeam, wanted(evidence)]),
  );
  const wrong = truth.filter(({ uid, ownerTeam }) => found.get(uid)?.team !== ownerTeam);
  expect(wrong.filter(({ uid }) => found.get(uid)?.confidence === "high")).toEqual([]);
  expect(truth.filter(({ uid }) => (found.get(uid)?.reasons.length ?? 0) === 0)).toEqual([]);
  const seen = new Set<string>(truth.map(({ evidence }) => evidence));
  expect([...explicit, ...derived, "system"].filter((evidence) => !seen.has(evidence))).toEqual([]);
});

test("a directory that changes changes the owners, and the earlier ones are still known", async () => {
  const { pool } = workshop.instance.database;
  const owned = async () =>
    (await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM namespace_summary WHERE team_key = 'crm'")).rows[0]
      ?.n ?? 0;
  const before = await owned();
  expect(before).toBeGreaterThan(0);
  const path = join(workshop.instance.home, "directory", "teams.csv");
  const teams = (await readFile(path, "utf8")).split("\n");
  // The team has ended: the last column is the first day without it.
  const ended = teams.map((line) => (line.startsWith("crm,") ? line.replace(/[^,]*$/, "2026-01-01") : line));
  await writeFile(path, ended.join("\n"));
  await workshop.instance.load("directory");
  expect(await owned()).toBe(0);
  const { rows } = await pool.query(
    "SELECT count(*)::int AS n FROM namespace_owner WHERE team_key = 'crm' AND seen_to IS NOT NULL",
  );
  expect(rows).toEqual([{ n: before }]);
});

test("a repository is its group's, not its own name's", () => {
  const directory = {
    teams: [
      { key: "claims", name: "Claims", aliases: ["motor"], businessUnitKey: "" },
      { key: "deploy", name: "Deploy", aliases: [], businessUnitKey: "" },
    ],
    people: [],
  };
  const claim = (value: string) => ({
    origin: "gitops" as const,
    names: { kind: "repository" as const, value },
    detail: "",
    readAt: "",
    from: null,
    to: null,
  });
  const named = [
    "https://git.example.com/motor/deploy.git",
    "git@git.example.com:claims/x.git",
    "https://git.example.com/deploy.git",
  ];
  expect(withRepositoryOwners(directory, [named.map(claim)]).repositories).toEqual({
    "https://git.example.com/motor/deploy.git": "claims",
    "git@git.example.com:claims/x.git": "claims",
  });
});
