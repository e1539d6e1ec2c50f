import type { SplitCost, SplitHead } from "#lib/db/cluster-bill/read-splits.ts";
import type { UsageAverage } from "#lib/db/cluster-bill/read-usage-averages.ts";
import type { BillBasis } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { addAmounts, decimal, HALF_AWAY_FROM_ZERO, toAmount, type Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import type {
  ClusterBar,
  ClusterBillSection,
  ClusterCostKind,
  ClusterNamespaceRow,
  ClusterNodePoolCost,
} from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { isShared } from "#lib/services/cluster-bill/method-settings.ts";

type Input = {
  currency: string;
  basis: BillBasis;
  days: readonly Day[];
  heads: readonly SplitHead[];
  costs: readonly SplitCost[];
  controlTotal: Amount;
  chargedDays: readonly Day[];
  averages: readonly UsageAverage[];
  teamOf: ReadonlyMap<string, string>;
  sharedNames: readonly string[];
};

const PARTS = ["namespaces", "shared", "overhead", "idle", "unobserved"] as const;

/** One currency of a cluster's bill, of its splits. */
export function clusterSection(input: Input): ClusterBillSection {
  const { days, heads, costs, controlTotal } = input;
  const split = new Set(heads.map(({ day }) => day));
  const byDay = Map.groupBy(costs, ({ day }) => day);
  const trend = PARTS.map((kind) => ({
    kind,
    values: days.map((day) => (split.has(day) ? partOf(kind, byDay.get(day) ?? []) : null)),
  }));
  const parts = Object.fromEntries(PARTS.map((kind) => [kind, partOf(kind, costs)])) as Record<
    (typeof PARTS)[number],
    Amount
  >;
  const total = addAmounts(Object.values(parts));
  const bar: ClusterBar = {
    ...parts,
    total,
    controlTotal,
    difference: toAmount(decimal(total).minus(controlTotal)),
    unsplitDays: [...new Set(input.chargedDays)].filter((day) => !split.has(day)).toSorted(),
  };
  return {
    currency: input.currency,
    bar,
    days: [...days],
    trend,
    namespaces: namespaceRows(input, split, total),
    ...billed(input, total),
  };
}

function partOf(kind: (typeof PARTS)[number], costs: readonly SplitCost[]): Amount {
  const wanted = costs.filter((cost) =>
    kind === "namespaces" || kind === "shared" ? cost.kind === "namespace" : cost.kind === kind,
  );
  if (kind === "namespaces") return addAmounts(wanted.flatMap(({ direct, idle }) => [direct, idle]));
  if (kind === "shared") return addAmounts(wanted.map(({ shared }) => shared));
  return addAmounts(wanted.flatMap(({ direct, idle, shared }) => [direct, idle, shared]));
}

function namespaceRows(
  { costs, days, averages, teamOf, sharedNames }: Input,
  split: ReadonlySet<Day>,
  total: Amount,
): ClusterNamespaceRow[] {
  const byNamespace = Map.groupBy(
    costs.filter(({ kind }) => kind === "namespace"),
    ({ namespace, uid }) => `${namespace}/${uid}`,
  );
  const usage = new Map(averages.map((average) => [`${average.namespace}/${average.uid}`, average]));
  return [...byNamespace]
    .flatMap(([key, found]) => {
      const [first] = found;
      if (!first) return [];
      const { namespace, uid } = first;
      const average = usage.get(key);
      const use = average?.use ?? NOT_OBSERVED;
      const add = (part: "direct" | "idle" | "shared" | "given") => addAmounts(found.map((cost) => cost[part]));
      const [direct, idle, shared] = [add("direct"), add("idle"), add("shared")];
      const amount = addAmounts([direct, idle, shared]);
      const byDay = Map.groupBy(found, ({ day }) => day);
      return [
        {
          namespace,
          uid: uid === "" ? null : uid,
          teamKey: teamOf.get(uid) || null,
          isShared: isShared(sharedNames, namespace),
          amount,
          direct,
          idle,
          shared,
          given: add("given"),
          sharePercent: percentOf(amount, total),
          use,
          cpuEfficiency: ratio(use.cpuCores),
          memoryEfficiency: ratio(use.memoryGib),
          observedHours: average?.hours ?? 0,
          spark: days.map((day) =>
            split.has(day)
              ? addAmounts((byDay.get(day) ?? []).flatMap((cost) => [cost.direct, cost.idle, cost.shared]))
              : null,
          ),
        } satisfies ClusterNamespaceRow,
      ];
    })
    .toSorted((a, b) => decimal(b.amount).comparedTo(a.amount) || (a.namespace < b.namespace ? -1 : 1));
}

const UNKNOWN = { requested: null, used: null };
const NOT_OBSERVED = { cpuCores: UNKNOWN, memoryGib: UNKNOWN, gpus: UNKNOWN };

function ratio({ requested, used }: { requested: number | null; used: number | null }): number | null {
  return requested === null || used === null || requested <= 0 ? null : used / requested;
}

export function percentOf(amount: Amount, total: Amount): string | null {
  const whole = decimal(total);
  if (whole.isZero()) return null;
  return decimal(amount).times(100).dividedBy(whole).toDecimalPlaces(1, HALF_AWAY_FROM_ZERO).toFixed(1);
}

function billed({ heads, basis }: Input, total: Amount): Pick<ClusterBillSection, "kinds" | "nodePools"> {
  const parts = heads.flatMap((head) => head.parts);
  const byAmount = (a: { amount: Amount }, b: { amount: Amount }) => decimal(b.amount).comparedTo(a.amount);
  const kinds = [...Map.groupBy(parts, ({ kind }) => kind)].map(([kind, found]) => {
    const amount = addAmounts(found.map((part) => part[basis]));
    return {
      kind: kind as ClusterCostKind,
      amount,
      resources: mostOnADay(heads, (part) => part.kind === kind),
      sharePercent: percentOf(amount, total),
    };
  });
  const poolKey = ({ pool, instanceType, capacityType }: (typeof parts)[number]) =>
    JSON.stringify([pool, instanceType, capacityType]);
  const nodes = parts.filter(({ kind }) => kind === "node");
  const nodePools = [...Map.groupBy(nodes, poolKey)].flatMap(([key, found]): ClusterNodePoolCost[] => {
    const [first] = found;
    if (!first) return [];
    const amount = addAmounts(found.map((part) => part[basis]));
    return [
      {
        pool: first.pool,
        instanceType: first.instanceType,
        capacityType: first.capacityType,
        nodes: mostOnADay(heads, (part) => part.kind === "node" && poolKey(part) === key),
        amount,
        sharePercent: percentOf(amount, total),
      },
    ];
  });
  return { kinds: kinds.toSorted(byAmount), nodePools: nodePools.toSorted(byAmount) };
}

/** Machines come and go; as many as were billed on the fullest day stood side by side. */
function mostOnADay(heads: readonly SplitHead[], isWanted: (part: SplitHead["parts"][number]) => boolean): number {
  return Math.max(
    0,
    ...heads.map(({ parts }) => parts.filter(isWanted).reduce((count, { resources }) => count + resources, 0)),
  );
}
