export { checkCostExplorer } from "#lib/sources/aws-cost-explorer/check.ts";
export { planCostExplorer, type CostExplorerPlanOptions } from "#lib/sources/aws-cost-explorer/plan.ts";
export {
  readCostExplorerSlice,
  type CostExplorerReading,
  type ReadCostExplorerOptions,
} from "#lib/sources/aws-cost-explorer/read-slice.ts";
export { costExplorerSpec, monthlyCapOf, type CostExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
