import type { InventoryNode } from "#lib/db/cluster-bill/read-split-inputs.ts";
import type { BilledPart } from "#lib/db/cluster-bill/write-split.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { amountOnDay, type DayCost } from "#lib/services/cluster-bill/day-hours.ts";
import { resourceTail } from "#lib/sources/cluster-costs.ts";

/** What was billed on a day by what it is for, machines by their pool. */
export function billedParts(costs: readonly DayCost[], nodes: readonly InventoryNode[], startMs: number): BilledPart[] {
  const machines = new Map(
    nodes.flatMap((node) => (node.providerId === null ? [] : [[resourceTail(node.providerId), node] as const])),
  );
  const groups = Map.groupBy(costs, (cost) => {
    const machine = cost.kind === "node" ? machines.get(resourceTail(cost.resourceId)) : undefined;
    const key: Pick<BilledPart, "kind" | "pool" | "instanceType" | "capacityType"> = {
      kind: cost.kind,
      pool: machine?.nodePool ?? "",
      instanceType: machine?.instanceType ?? null,
      capacityType: machine?.capacityType ?? null,
    };
    return JSON.stringify(key);
  });
  return [...groups].map(([key, charges]) => ({
    ...(JSON.parse(key) as Pick<BilledPart, "kind" | "pool" | "instanceType" | "capacityType">),
    resources: new Set(charges.map(({ resourceId }) => resourceId)).size,
    billed: toAmount(sum(charges.map((cost) => amountOnDay(cost, startMs, "billed")))),
    effective: toAmount(sum(charges.map((cost) => amountOnDay(cost, startMs, "effective")))),
  }));
}
