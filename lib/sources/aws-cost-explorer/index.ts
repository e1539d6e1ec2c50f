export { checkCostExplorer } from "#lib/sources/aws-cost-explorer/check.ts";
export { planCostExplorer } from "#lib/sources/aws-cost-explorer/plan.ts";
export { readCostExplorerSlice } from "#lib/sources/aws-cost-explorer/read-slice.ts";
export { monthlyCapOf } from "#lib/sources/aws-cost-explorer/spec.ts";
