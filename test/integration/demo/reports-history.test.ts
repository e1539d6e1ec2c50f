import { join } from "node:path";
import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pastLooks } from "#demo/estate/compliance.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { LATE_POLICY, plannedPolicies } from "#demo/estate/policy-results.ts";
import { HISTORY_DAYS, readDirectory, replayLooks } from "#demo/history/replay-looks.ts";
import { seedReports } from "#demo/history/seed-reports.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import { readGaps } from "#lib/db/posture/read-gaps.ts";
import { verdictOfResult } from "#lib/sources/kubernetes/policy-report.ts";
import {
  NOON,
  openClusterWorkshop,
  WORKSHOP_ESTATE,
  type ClusterWorkshop,
} from "#test/integration/services/clusters-workshop.ts";

const CLUSTER = "shared-eks-nonprod";
const FIRST_LOOK = new Date(NOON.getTime() - HISTORY_DAYS * 86_400_000);
const estate = createEstate(WORKSHOP_ESTATE);
let workshop: ClusterWorkshop;

beforeAll(async () => {
  const account = plannedClusters(estate).find(({ name }) => name === CLUSTER)?.account.id;
  const clusters = [{ key: CLUSTER, kubeconfig: "./kubeconfig", context: CLUSTER, account }];
  workshop = await openClusterWorkshop([CLUSTER], { clusters }, () => FIRST_LOOK);
  const { database } = workshop.instance;
  await seedReports({ database, estate: workshop.estate, sourceKey: "clusters", directoryKey: "directory", now: NOON });
}, 120_000);
afterAll(() => workshop?.close());

/** How often each verdict of each of Kyverno's rules held at an instant, by what is stored. */
async function stored(at: Date): Promise<Record<string, number>> {
  const { rows } = await workshop.instance.database.pool.query<{ name: string; n: number }>(
    `SELECT p.rule_key || ' ' || e.verdict AS name, count(*)::int AS n FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
     JOIN posture_rule p ON p.id = c.rule_id
     WHERE c.grain = 'full' AND c.source_key = 'clusters' AND c.part = $1 AND e.retired_at IS NULL AND e.valid_from <= $2
       AND (e.valid_to IS NULL OR e.valid_to > $2) AND p.rule_key NOT LIKE 'policy-report:trivy%' GROUP BY 1`,
    [CLUSTER, at],
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

/** The same by what the cluster says at that instant. */
async function reported(at: Date): Promise<Record<string, number>> {
  const past = await startKubernetes({ estate: workshop.estate, clock: () => at });
  const config = new KubeConfig();
  config.loadFromString(past.kubeconfig("reader", [CLUSTER]));
  const api = config.makeApiClient(CustomObjectsApi);
  const counts: Record<string, number> = {};
  for (const plural of ["policyreports", "clusterpolicyreports"]) {
    const kind = { group: "wgpolicyk8s.io", version: "v1alpha2", plural };
    const { items } = (await api.listClusterCustomObject(kind)) as {
      items: { results: { policy: string; rule: string; result: string }[] }[];
    };
    for (const { policy, rule, result } of items.flatMap(({ results }) => results)) {
      const name = `policy-report:${policy}/${rule} ${verdictOfResult(result)}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  await past.close();
  return counts;
}

test("what Kyverno said at any past look is what the cluster says at that instant, without a gap", async () => {
  const looks = pastLooks(estate, FIRST_LOOK);
  expect(looks).toHaveLength(3);
  for (const at of [...looks, new Date(FIRST_LOOK.getTime() - 3_600_000)]) {
    const expected = await reported(at);
    expect(Object.keys(expected).some((name) => name.endsWith(" fail"))).toBe(true);
    expect(await stored(at)).toEqual(expected);
  }
  const gaps = await readGaps(workshop.instance.database.pool, { from: looks[0] as Date, to: FIRST_LOOK });
  expect(gaps).toEqual([]);
  const late = plannedPolicies(estate.calendar).find(({ policy }) => policy === LATE_POLICY)?.from;
  const { rows } = await workshop.instance.database.pool.query<{ first: Date }>(
    `SELECT min(e.valid_from) AS first FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
     JOIN posture_rule p ON p.id = c.rule_id WHERE p.rule_key LIKE $1`,
    [`policy-report:${LATE_POLICY}/%`],
  );
  expect(rows[0]?.first.toISOString().slice(0, 10)).toBe(late);
});

test("the first look at the cluster finds what was seeded, and goes on with it", async () => {
  const open = async () =>
    (
      await workshop.instance.database.pool.query<Record<string, unknown>>(
        `SELECT p.rule_key, r.resource_key, e.verdict, e.note, e.held_from FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
         JOIN posture_rule p ON p.id = c.rule_id JOIN compliance_resource r ON r.id = e.resource_id
         WHERE c.source_key = 'clusters' AND c.part = $1 AND e.valid_to IS NULL AND e.retired_at IS NULL
           AND p.rule_key NOT LIKE 'policy-report:trivy%' ORDER BY 1, 2`,
        [CLUSTER],
      )
    ).rows;
  const before = await open();
  expect(before.length).toBeGreaterThan(50);
  const [run] = await workshop.look(FIRST_LOOK);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  expect(await open()).toEqual(before);
});

test("seeding again brings nothing", async () => {
  const count = async () =>
    (await workshop.instance.database.pool.query("SELECT count(*)::int AS n FROM evaluation")).rows;
  const before = await count();
  const { database } = workshop.instance;
  await seedReports({ database, estate: workshop.estate, sourceKey: "clusters", directoryKey: "directory", now: NOON });
  expect(await count()).toEqual(before);
});

test("the weeks between the first look at the clusters and now are no gap, for clusters and people", async () => {
  const names = plannedClusters(estate).map(({ name }) => name);
  const whole = await openClusterWorkshop(names, {}, () => NOON);
  try {
    const { database, home } = whole.instance;
    const history = { database, estate: whole.estate, sourceKey: "clusters", directoryKey: "directory", now: NOON };
    await readDirectory(history);
    await seedReports(history);
    await replayLooks(history, join(home, "kubeconfig"));
    const parts = await database.pool.query<{ name: string }>(
      "SELECT source_key || ' ' || part AS name FROM evaluation_part",
    );
    expect(parts.rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["policies people", ...names.flatMap((name) => [`policies ${name}`, `clusters ${name}`])]),
    );
    expect(await readGaps(database.pool, { from: FIRST_LOOK, to: NOON })).toEqual([]);
  } finally {
    await whole.close();
  }
}, 120_000);
