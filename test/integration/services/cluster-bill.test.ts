import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plannedClusters, type PlannedCluster } from "#demo/estate/namespaces.ts";
import type { Actor } from "#lib/access/actor.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { day } from "#lib/domain/period.ts";
import type { ClusterBillView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { exportAllocation } from "#lib/services/cluster-bill/export-allocation.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { readNamespaceCost } from "#lib/services/cluster-bill/read-namespace-cost.ts";
import { saveClusterMethod } from "#lib/services/cluster-bill/save-cluster-method.ts";
import { splitCluster } from "#lib/services/cluster-bill/split-cluster.ts";
import { OWNER_STRENGTHS } from "#lib/services/sprawl/sprawl-view.ts";
import { readUsage } from "#lib/services/usage/read-usage.ts";
import { openClusterWorkshop, NOON, type ClusterWorkshop } from "#test/integration/services/clusters-workshop.ts";
import { deliver, focusCsv, type Charge } from "#test/integration/instance.ts";

const CLUSTER = "quote-engine-prod";
const DAY = "2026-11-19";
const RANGE = { from: day("2026-11-18"), to: day("2026-11-21") };
const QUERY = { clusterKey: CLUSTER, ...RANGE, basis: "billed" as const, asOf: null };

let workshop: ClusterWorkshop;
let cluster: PlannedCluster;

beforeAll(async () => {
  workshop = await openClusterWorkshop([CLUSTER], {}, () => NOON, {
    bills: { kind: "focus", layout: "files", path: "./bills" },
  });
  const found = plannedClusters(workshop.estate).find(({ name }) => name === CLUSTER);
  if (!found) throw new Error("The estate has no such cluster.");
  cluster = found;
  await deliverBill("1");
  await workshop.look(NOON);
  await workshop.instance.load("bills");
  await readUsage(
    { ...workshop.instance.context(), now: NOON },
    { sourceKey: "clusters", clusterKey: CLUSTER, range: RANGE },
  );
  await split();
}, 120_000);

afterAll(async () => {
  await workshop.close();
});

/** A bill of three days: machines by id, a control plane by its id, a disk and a balancer by their tags, and something of nobody's. */
async function deliverBill(factor: string): Promise<void> {
  const charges: Charge[] = ["2026-11-18", DAY, "2026-11-20"].flatMap((on) => {
    const charge = (resource: string, billed: string, tags: Record<string, string> = {}): Charge => ({
      day: on,
      account: `account-of-${CLUSTER}`,
      service: "Compute",
      billed: toAmount(decimal(billed).times(factor)),
      effective: toAmount(decimal(billed).times("0.7").times(factor)),
      resource,
      tags,
    });
    const named = { "aws:eks:cluster-name": CLUSTER };
    return [
      ...cluster.nodes.map(({ providerId }) =>
        charge(`arn:aws:ec2:instance/${providerId.split("/").at(-1)}`, "11.000000000001"),
      ),
      charge(`arn:aws:eks:eu-central-1:1:cluster/${CLUSTER}`, "2.4"),
      charge("arn:aws:ec2:eu-central-1:1:volume/vol-0123456789", "0.35", {
        ...named,
        "kubernetes.io/created-for/pvc/namespace": "kube-system",
      }),
      charge("arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app", "0.648", named),
      charge("arn:aws:s3:::somebody-elses", "99"),
    ];
  });
  await deliver(join(workshop.instance.home, "bills", "2026-11.csv"), focusCsv("2026-11", charges));
}

async function split(): Promise<number> {
  const { days } = await splitCluster(workshop.instance.context(), { clusterKey: CLUSTER, ...RANGE });
  return days;
}

function onlySection(view: ClusterBillView) {
  expect(view.sections).toHaveLength(1);
  const [section] = view.sections;
  if (!section) throw new Error("There is no section.");
  return section;
}

const perDay = (factor: string) =>
  decimal("11.000000000001").times(cluster.nodes.length).plus("3.398").times(factor).times(3);

test("the bill of a cluster is what its machines, control plane, disks and balancers were billed, and nothing of anybody else", async () => {
  const { bar, kinds } = onlySection(await readClusterBill(workshop.instance.context(), QUERY));
  expect(bar.controlTotal).toBe(toAmount(perDay("1")));
  expect(bar.difference).toBe("0");
  expect(bar.unsplitDays).toEqual([]);
  expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(["node", "control-plane", "volume", "balancer"]));
  expect(toAmount(sum(kinds.map(({ amount }) => amount)))).toBe(bar.total);
});

test("what namespaces cost is kept by how well their owners were known on the day, and adds up to it", async () => {
  const { rows } = await workshop.instance.database.pool.query<{
    day: string;
    kept: string;
    cost: string;
    known: string[];
  }>(
    `SELECT s.day::text, (SELECT sum(value::numeric)::text FROM jsonb_each_text(s.by_strength)) AS kept,
       (SELECT sum(effective)::text FROM namespace_cost_day r WHERE r.split_id = s.id AND r.kind = 'namespace') AS cost,
       ARRAY(SELECT jsonb_object_keys(s.by_strength) ORDER BY 1) AS known
     FROM cluster_split s WHERE s.replaced_at IS NULL ORDER BY s.day`,
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { day, kept, cost, known } of rows) {
    expect([day, kept]).toEqual([day, cost]);
    expect(OWNER_STRENGTHS).toEqual(expect.arrayContaining(known));
  }
});

test("namespaces, shared, overhead, idle and unobserved are the whole, in both bases and on every day", async () => {
  for (const basis of ["billed", "effective"] as const) {
    const section = onlySection(await readClusterBill(workshop.instance.context(), { ...QUERY, basis }));
    const { bar, trend, namespaces, days } = section;
    expect(toAmount(sum([bar.namespaces, bar.shared, bar.overhead, bar.idle, bar.unobserved]))).toBe(bar.controlTotal);
    expect(toAmount(sum(namespaces.map(({ amount }) => amount)))).toBe(toAmount(sum([bar.namespaces, bar.shared])));
    const third = toAmount(decimal(bar.controlTotal).dividedBy(3));
    for (const index of days.keys())
      expect(toAmount(sum(trend.flatMap(({ values }) => values[index] ?? [])))).toBe(third);
    expect(decimal(bar.namespaces).greaterThan(0)).toBe(true);
    expect(decimal(bar.idle).greaterThan(0)).toBe(true);
  }
});

test("a namespace's cost by resource adds up to its direct cost, and its use is told hour by hour with gaps", async () => {
  const { namespaces } = onlySection(await readClusterBill(workshop.instance.context(), QUERY));
  const [largest] = namespaces.filter(({ isShared }) => !isShared);
  if (!largest) throw new Error("There is no namespace.");
  const view = await readNamespaceCost(workshop.instance.context(), {
    ...QUERY,
    namespace: largest.namespace,
    uid: largest.uid,
  });
  const [section] = view.sections;
  expect(section?.total).toBe(largest.amount);
  expect(toAmount(sum(section?.resources.map(({ amount }) => amount) ?? []))).toBe(section?.direct);
  expect(view.usage?.cpu.used.filter((value) => value !== null)).toHaveLength(72);
  expect(view.efficiency?.resources.map(({ resource }) => resource)).toContain("cpuCores");
});

test("what was read and split is neither read nor split again", async () => {
  const context = { ...workshop.instance.context(), now: NOON };
  expect(await readUsage(context, { sourceKey: "clusters", clusterKey: CLUSTER, range: RANGE })).toEqual({ days: [] });
  expect(await split()).toBe(0);
});

test("a redelivered bill is split anew, and an earlier instant is answered as it was", async () => {
  const context = workshop.instance.context();
  const before = new Date();
  await deliverBill("2");
  await workshop.instance.load("bills");
  expect(await split()).toBe(3);
  const now = onlySection(await readClusterBill(context, QUERY));
  expect(now.bar.controlTotal).toBe(toAmount(perDay("2")));
  expect(now.bar.difference).toBe("0");
  const then = onlySection(await readClusterBill(context, { ...QUERY, asOf: before }));
  expect(then.bar.controlTotal).toBe(toAmount(perDay("1")));
  expect(then.bar.difference).toBe("0");
  expect(then.namespaces.length).toBe(now.namespaces.length);
  await deliverBill("1");
  await workshop.instance.load("bills");
  await split();
});

test("a saved method counts from its first day, is logged, and every method adds up", async () => {
  const context = workshop.instance.context();
  const shared = { names: ["kube-system"], how: "even" as const };
  for (const method of ["aws-split-cost", "requests", "opencost"] as const) {
    await saveClusterMethod(context, {
      clusterKey: CLUSTER,
      method,
      idle: "by-use",
      idlePer: "cluster",
      shared,
      validFrom: DAY,
    });
    expect(await split()).toBe(2);
    const { bar, trend } = onlySection(await readClusterBill(context, QUERY));
    expect(bar.difference).toBe("0");
    const idle = trend.find(({ kind }) => kind === "idle")?.values ?? [];
    expect(decimal(idle[0] ?? "0").greaterThan(idle[1] ?? "0")).toBe(true);
  }
  const { rows } = await context.database.pool.query(
    "SELECT subject FROM activity WHERE action = 'cluster-method.saved'",
  );
  expect(rows).toEqual([{ subject: CLUSTER }, { subject: CLUSTER }, { subject: CLUSTER }]);
});

test("who may not change rules may not change a method, and the refusal is logged", async () => {
  const auditor: Actor = { id: "alice@example.com", name: "Alice", role: "auditor", teamKey: null };
  const context = workshop.instance.context(auditor);
  await expect(saveClusterMethod(context, {})).rejects.toMatchObject({ code: "forbidden" });
  const { rows } = await context.database.pool.query(
    "SELECT subject FROM activity WHERE action = 'permission.refused' AND actor_id = 'alice@example.com'",
  );
  expect(rows).toEqual([{ subject: "rules:write on cluster methods" }]);
});

test("a method that is no method is refused with its place", async () => {
  await expect(
    saveClusterMethod(workshop.instance.context(), {
      clusterKey: CLUSTER,
      method: "guess",
      idle: "separate",
      idlePer: "node",
      shared: { names: [], how: "even" },
      validFrom: null,
    }),
  ).rejects.toMatchObject({ code: "invalid_input", place: { column: "method" } });
});

test("a member sees no cluster's bill, and of namespaces only the own team's", async () => {
  const member: Actor = { id: "bob@example.com", name: "Bob", role: "member", teamKey: "no-such-team" };
  const context = workshop.instance.context(member);
  await expect(readClusterBill(context, QUERY)).rejects.toMatchObject({ code: "forbidden" });
  await expect(readNamespaceCost(context, { ...QUERY, namespace: "kube-system", uid: null })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("the export is FOCUS 1.3: the parts of each day add up to its charge, their ratios to one, and taking it is logged", async () => {
  const context = workshop.instance.context();
  const file = await exportAllocation(context, { clusterKey: CLUSTER, ...RANGE, asOf: null });
  const rows: Record<string, string>[] = parse(Buffer.from(file.body), { columns: true, bom: true });
  const { bar } = onlySection(await readClusterBill(context, QUERY));
  expect(toAmount(sum(rows.map((row) => row["BilledCost"] ?? "")))).toBe(bar.controlTotal);
  const firstDay = rows.filter((row) => row["ChargePeriodStart"] === "2026-11-18T00:00:00Z");
  const ratios = firstDay.map(
    (row) => /"AllocatedRatio":([\d.]+)/.exec(row["AllocatedMethodDetails"] ?? "")?.[1] ?? "",
  );
  expect(toAmount(sum(ratios))).toBe("1");
  expect(rows.every((row) => Array.isArray(JSON.parse(row["AllocatedMethodDetails"] ?? "").Elements))).toBe(true);
  expect(
    rows.filter((row) => row["AllocatedResourceId"] === "").map((row) => row["AllocatedResourceName"]),
  ).not.toContain(expect.stringMatching(/./));
  const { rows: logged } = await context.database.pool.query(
    "SELECT subject FROM activity WHERE action = 'allocation.exported'",
  );
  expect(logged).toHaveLength(1);
});

test("hours in which nothing was observed stay gaps: what nobody accounts for is unobserved then, and not idle", async () => {
  const context = workshop.instance.context();
  await context.database.pool.query(
    "DELETE FROM namespace_usage_hour WHERE cluster_key = $1 AND hour >= '2026-11-20' AND hour < '2026-11-21'",
    [CLUSTER],
  );
  await context.database.pool.query(
    "UPDATE usage_day SET observed_hours = '{}', stamp = 'emptied' WHERE cluster_key = $1 AND day = '2026-11-20'",
    [CLUSTER],
  );
  expect(await split()).toBe(1);
  const view = await readClusterBill(context, QUERY);
  const { bar, trend } = onlySection(view);
  expect(bar.difference).toBe("0");
  const lastDay = (kind: string) => trend.find((one) => one.kind === kind)?.values.at(-1);
  expect(lastDay("unobserved")).not.toBe("0");
  expect(lastDay("idle")).toBe("0");
  expect(view.notes.some(({ text }) => text.startsWith("Use was not observed"))).toBe(true);
});
