export { checkCostExplorer } from "#lib/sources/aws-cost-explorer/check.ts";
export { planCostExplorer } from "#lib/sources/aws-cost-explorer/plan.ts";
export { readCostExplorerSlice, type CostExplorerReading } from "#lib/sources/aws-cost-explorer/read-slice.ts";
export { costExplorerSpec, monthlyCapOf } from "#lib/sources/aws-cost-explorer/spec.ts";
