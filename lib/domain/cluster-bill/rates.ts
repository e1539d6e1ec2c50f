import type { BillMethod, NodeCost, ResourceRates } from "#lib/domain/cluster-bill/cluster-hour.ts";

/**
 * AWS weighs a CPU core and a GB 9:1, and an accelerator and the two together 9:1.
 * https://docs.aws.amazon.com/cur/latest/userguide/example-split-cost-allocation-data.html and
 * https://docs.aws.amazon.com/cur/latest/userguide/example-accelerated-instances.html
 */
const AWS_WEIGHTS: ResourceRates = { cpuCores: 9, memoryGib: 1, gpus: 90 };

/**
 * OpenCost's default prices per hour, by whose proportions it divides a node's price into its resources where the node has
 * no own ones. https://github.com/opencost/opencost/blob/develop/configs/default.json
 */
const OPENCOST_RATES: ResourceRates = { cpuCores: 0.031611, memoryGib: 0.004237, gpus: 0.95 };

/** The proportions by which a node's cost is divided into CPU, memory and GPU. AWS always takes its own weights. */
export function ratesOf(node: Pick<NodeCost, "rates">, method: BillMethod): ResourceRates {
  return method === "aws-split-cost" ? AWS_WEIGHTS : (node.rates ?? OPENCOST_RATES);
}
