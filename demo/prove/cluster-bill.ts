import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { ecsKeyOf } from "#demo/estate/ecs-costs.ts";
import { deliveryKeysOf, makeDelivery, type Estate } from "#demo/estate/estate.ts";
import { amountText, type Charge } from "#demo/estate/line.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { startKubernetes } from "#demo/kubernetes/server.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { clusterSourceOf } from "#demo/exports/cluster-source.ts";
import { CLUSTERS, pullEvery } from "#demo/prove/proved-clusters.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { loadConfig } from "#lib/config.ts";
import {
  readClusterCosts,
  readDayUses,
  readInventoryNodes,
  readUsageDays,
} from "#lib/db/cluster-bill/read-split-inputs.ts";
import { billClusterHour } from "#lib/domain/cluster-bill/bill-cluster-hour.ts";
import { BILL_BASES, type BillBasis, type BillMethod } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { decimal, sum, toAmount, type Amount } from "#lib/domain/money.ts";
import { addDays, periodOf, rangeOf, startOf, type Day, type DayRange } from "#lib/domain/period.ts";
import { buildHours, type DayCost } from "#lib/services/cluster-bill/day-hours.ts";
import { columnsOfDay } from "#lib/services/cluster-bill/day-uses.ts";
import { DEFAULT_METHOD, toBillSettings, type MethodSettings } from "#lib/services/cluster-bill/method-settings.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { splitCluster, toDayCost, toDayNode } from "#lib/services/cluster-bill/split-cluster.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";
import { SAMPLE_EVERY_MINUTES } from "#lib/services/usage/sampled-day.ts";
import { readUsage } from "#lib/services/usage/read-usage.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

/** Days of which use is read; of the others everything that nobody accounts for is unobserved. */
const USED_DAYS = 2;
const METHODS: readonly BillMethod[] = ["opencost", "aws-split-cost", "requests"];
const IDLE = ["separate", "by-use"] as const;

/**
 * Every hour, cluster and basis: what the namespaces cost, idle capacity, overhead and what was not observed add up to what the provider
 * billed for the cluster, by each method; every day of the year is split so; and what was billed is what the generator planted.
 */
export async function proveClusterBill(estate: ProvedEstate): Promise<Measure[]> {
  const planted = plantedCharges(estate);
  const { periods, today } = estate.estate.calendar;
  const range = { from: rangeOf(periods[0] ?? periodOf(today)).from, to: addDays(today, 1) };
  const used = { from: addDays(today, -USED_DAYS), to: today };
  await readEverything(estate, used);
  const measures: Measure[] = [];
  for (const name of clusterKeysOf(estate.estate)) {
    await splitCluster(estate.context(), { clusterKey: name, ...range });
    measures.push(...(await proveDays(estate, name, range, planted)));
    measures.push(...(await provePages(estate, name, periods.map(rangeOf), today)));
    measures.push(...(await proveHours(estate, name, used)));
  }
  return measures;
}

/** The clusters of Kubernetes and those of ECS. */
function clusterKeysOf(estate: Estate): string[] {
  return [...plannedClusters(estate).map(({ name }) => name), ...estate.ecsClusters.map(ecsKeyOf)];
}

/** What the generator charges, by resource and day, in whole units. The second delivery of a month counts. */
function plantedCharges({ estate }: ProvedEstate): Map<string, Map<Day, Charge[]>> {
  const found = new Map<string, Map<Day, Charge[]>>();
  const keys = deliveryKeysOf(estate);
  for (const { source, period, version } of keys) {
    const isReplaced = keys.some(
      (other) => other.source === source && other.period === period && other.version > version,
    );
    if (isReplaced) continue;
    for (const charge of makeDelivery(estate, source, period, version).charges) {
      const { resourceId } = charge.line;
      if (resourceId === null) continue;
      const days = found.get(resourceId) ?? new Map<Day, Charge[]>();
      found.set(resourceId, days);
      days.set(charge.start, [...(days.get(charge.start) ?? []), charge]);
    }
  }
  return found;
}

/** Looks at the clusters, samples an hour of those that nothing else watches, and reads what their Prometheus knows of the days. */
async function readEverything({ estate, context }: ProvedEstate, range: DayRange): Promise<void> {
  const { file } = loadConfig();
  if (file === null) throw new Error("The proved estate has no configuration.");
  const kubeconfig = join(dirname(file), "kubeconfig-of-bill");
  const server = await startKubernetes({ estate });
  try {
    await server.writeKubeconfig(kubeconfig);
    const document = parseDocument(await readFile(file, "utf8"));
    document.setIn(
      ["sources", CLUSTERS],
      clusterSourceOf(estate, { kubeconfig, prometheusUrlOf: server.prometheusUrlOf }),
    );
    await writeFile(file, document.toString());
    await syncSources(context());
    await pullEvery(context, CLUSTERS, new Date());
    for (const { name } of plannedClusters(estate))
      await readUsage(context(), { sourceKey: CLUSTERS, clusterKey: name, range });
    for (let minute = 0; minute < 60; minute += SAMPLE_EVERY_MINUTES) {
      const now = new Date(startOf(range.from).getTime() + minute * 60_000);
      await sampleClusters({ ...context(), now }, { signal: new AbortController().signal });
    }
    for (const clusterKey of estate.ecsClusters.map(ecsKeyOf))
      await readUsage(context(), { sourceKey: "ecs", clusterKey, range });
  } finally {
    await server.close();
  }
}

/** Every day: the rows that are stored add up to what the generator charged for the cluster's resources. */
async function proveDays(
  { database, estate }: ProvedEstate,
  clusterKey: string,
  range: DayRange,
  planted: ReadonlyMap<string, ReadonlyMap<Day, Charge[]>>,
): Promise<Measure[]> {
  const { pool } = database;
  const recognised = await pool.query<{ resource_id: string }>(
    "SELECT DISTINCT resource_id FROM cluster_cost WHERE cluster_key = $1",
    [clusterKey],
  );
  const resources = new Set([
    ...recognised.rows.map((row) => row.resource_id),
    ...estate.clusterLines.flatMap(({ cluster, line }) => (cluster === clusterKey ? [line.resourceId ?? ""] : [])),
  ]);
  const expected = new Map<Day, Record<BillBasis, bigint>>();
  for (const resource of resources)
    for (const [on, charges] of planted.get(resource) ?? [])
      for (const { billed, effective } of charges) {
        const total = expected.get(on) ?? { billed: 0n, effective: 0n };
        expected.set(on, { billed: total.billed + BigInt(billed), effective: total.effective + BigInt(effective) });
      }
  const { rows } = await pool.query<Record<BillBasis, Amount> & { day: Day }>(
    `SELECT day::text, trim_scale(sum(billed))::text AS billed, trim_scale(sum(effective))::text AS effective
     FROM namespace_cost_day WHERE cluster_key = $1 AND day >= $2 AND day < $3 GROUP BY 1`,
    [clusterKey, range.from, range.to],
  );
  const found = new Map(rows.map((row) => [row.day, row]));
  return [...expected].flatMap(([on, amounts]) =>
    BILL_BASES.map((basis) => ({
      promise: "cluster-bill",
      measure: `${clusterKey} ${on} ${basis}: namespaces + idle + overhead + unobserved = billed`,
      expected: amountText(amounts[basis]),
      found: toAmount(decimal(found.get(on)?.[basis] ?? "0")),
    })),
  );
}

/** The bar of the cluster's page, by month. */
async function provePages(
  { context }: ProvedEstate,
  clusterKey: string,
  months: readonly DayRange[],
  today: Day,
): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { from, to } of months)
    for (const basis of BILL_BASES) {
      const until = to > today ? addDays(today, 1) : to;
      const view = await readClusterBill(context(), { clusterKey, from, to: until, basis, asOf: null });
      for (const { currency, bar, namespaces } of view.sections) {
        const name = `${clusterKey} ${from.slice(0, 7)} ${currency} ${basis}`;
        const say = (measure: string, expected: string, text: string) =>
          measures.push({ promise: "cluster-bill", measure: `${name}: ${measure}`, expected, found: text });
        say("the bar's right edge", bar.controlTotal, bar.total);
        say("difference to the bill", "0", bar.difference);
        say(
          "all rows of the table",
          toAmount(sum([bar.namespaces, bar.shared])),
          toAmount(sum(namespaces.map(({ amount }) => amount))),
        );
        say("days without a split", "", bar.unsplitDays.join(", "));
      }
    }
  return measures;
}

/** Every hour of the days of which use is known, by each method and with idle capacity apart and spread. */
async function proveHours({ database }: ProvedEstate, clusterKey: string, range: DayRange): Promise<Measure[]> {
  const { pool } = database;
  const nodes = (await readInventoryNodes(pool, clusterKey)).flatMap(toDayNode);
  const slices = await pool.query<{ id: number }>("SELECT id FROM slice WHERE dataset = 'cost'");
  const measures: Measure[] = [];
  for (let on = range.from; on < range.to; on = addDays(on, 1)) {
    const asked = { clusterKey, from: on, to: addDays(on, 1) };
    const costs = (await readClusterCosts(pool, { ...asked, sliceIds: slices.rows.map(({ id }) => id) })).map((cost) =>
      toDayCost(cost, ""),
    );
    const uses = columnsOfDay(await readDayUses(pool, clusterKey, on));
    const [usage] = await readUsageDays(pool, asked);
    const observedHours = new Set(usage?.observedHours ?? []);
    const measure = (settings: MethodSettings) => {
      const startMs = startOf(on).getTime();
      const { hours, namespaces } = buildHours({ startMs, costs, uses, nodes, observedHours, settings });
      const bills = hours.map((hour) => ({
        hour,
        bill: billClusterHour(
          hour,
          toBillSettings(
            settings,
            namespaces.map(({ name }) => name),
          ),
        ),
      }));
      for (const basis of BILL_BASES) {
        const broken = bills.filter(({ hour, bill }) => {
          const charged = sum([...hour.nodes, ...hour.others].map((cost) => cost[basis]));
          const parts = [bill.idle, bill.overhead, bill.unobserved, ...bill.namespaces.flatMap(partsOf)];
          return !sum(parts.map((part) => part[basis])).equals(charged);
        });
        const all = sum(bills.flatMap(({ hour }) => [...hour.nodes, ...hour.others].map((cost) => cost[basis])));
        const name = `${clusterKey} ${on} ${basis}, ${settings.method}, idle ${settings.idle}`;
        measures.push(
          {
            promise: "cluster-bill",
            measure: `${name}: hours that do not add up, of 24`,
            expected: "0 of 24",
            found: `${broken.length} of ${bills.length}`,
          },
          {
            promise: "cluster-bill",
            measure: `${name}: the hours are the day`,
            expected: dayTotal(costs, basis),
            found: toAmount(all),
          },
        );
      }
    };
    for (const method of METHODS) for (const idle of IDLE) measure({ ...DEFAULT_METHOD, method, idle });
  }
  return measures;
}

function partsOf({ direct, idle, shared }: ReturnType<typeof billClusterHour>["namespaces"][number]) {
  return [direct, idle, shared];
}

/** The estate charges its clusters by the day. */
function dayTotal(costs: readonly DayCost[], basis: BillBasis): Amount {
  return toAmount(sum(costs.map((cost) => cost[basis])));
}
