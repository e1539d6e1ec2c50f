import type { CostBasis } from "#lib/domain/money.ts";
import type { CostKind, SpendDimension } from "#lib/services/spend/spend-view.ts";

/** The question on /spend as a person sets it. Everything of it stands in the URL; defaults are left out there. */
export type SpendState = {
  /** "2026-03", "2026-Q1", "2026", or half-open days "2026-03-05..2026-03-12". */
  period: string;
  basis: CostBasis;
  groupBy: SpendDimension;
  /** null = days up to a quarter, months beyond. */
  granularity: "day" | "month" | null;
  compare: "none" | "previous" | "year";
  currency: string | null;
  filters: Partial<Record<SpendDimension, string[]>>;
  kinds: CostKind[];
  view: SpendLook;
  /** The side sheet, if it is open. */
  sheet: "resources" | "items" | null;
  /** ISO instant; null = now. */
  asOf: string | null;
};
export type SpendLook = "chart" | "treemap" | "table";

/** What a dimension is called on screen. */
export const DIMENSION_LABELS: Record<Exclude<SpendDimension, `tag:${string}`>, string> = {
  businessUnit: "Business unit",
  team: "Team",
  costCentre: "Cost centre",
  provider: "Provider",
  billingAccount: "Billing account",
  subAccount: "Account",
  serviceCategory: "Service category",
  service: "Service",
  region: "Region",
  environment: "Environment",
  chargeCategory: "Charge category",
};

export const KIND_LABELS: Record<CostKind, string> = {
  direct: "Direct",
  shared: "Shared",
  unallocated: "Unallocated",
};

export const BASIS_LABELS: Record<CostBasis, string> = {
  billed: "Billed",
  effective: "Effective",
  list: "List",
  contracted: "Contracted",
};

export function dimensionLabel(dimension: SpendDimension): string {
  if (!dimension.startsWith("tag:")) return DIMENSION_LABELS[dimension as keyof typeof DIMENSION_LABELS];
  return `Tag ${dimension.slice("tag:".length)}`;
}

/** What a value of a dimension is called where the provider gave none. */
export function emptyValueLabel(dimension: SpendDimension): string {
  return dimension === "team" || dimension === "businessUnit" || dimension === "costCentre"
    ? "Unallocated"
    : "None given";
}

/** The page's URL for a question. */
export function spendHref(state: SpendState, path = "/spend"): string {
  const search = spendSearch(state).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** The question as search parameters, in a fixed order so that equal questions have equal links. */
export function spendSearch(state: SpendState): URLSearchParams {
  const params = new URLSearchParams();
  params.set("period", state.period);
  if (state.basis !== "billed") params.set("basis", state.basis);
  if (state.groupBy !== "team") params.set("by", state.groupBy);
  if (state.granularity !== null) params.set("grain", state.granularity);
  if (state.compare !== "previous") params.set("compare", state.compare);
  if (state.currency !== null) params.set("currency", state.currency);
  for (const dimension of Object.keys(state.filters).toSorted() as SpendDimension[]) {
    for (const value of state.filters[dimension] ?? []) params.append(dimension, value);
  }
  for (const kind of state.kinds) params.append("kind", kind);
  if (state.view !== "chart") params.set("view", state.view);
  if (state.sheet !== null) params.set("sheet", state.sheet);
  if (state.asOf !== null) params.set("asOf", state.asOf);
  return params;
}

/** The same question with one dimension's values replaced; none = the filter is gone. */
export function withFilter(state: SpendState, dimension: SpendDimension, values: string[]): SpendState {
  const { [dimension]: _replaced, ...others } = state.filters;
  return { ...state, filters: values.length === 0 ? others : { ...others, [dimension]: values } };
}

/** One level down from a row: filtered to it, and grouped by what it is made of. Where nothing is left, its resources. */
export function oneLevelDown(state: SpendState, key: string): SpendState {
  const filtered = withFilter(state, state.groupBy, [key]);
  const next = nextLevel(filtered);
  return next === null ? { ...filtered, sheet: "resources" } : { ...filtered, groupBy: next, sheet: null };
}

/** The way down ends at the resources: business unit → team → service → account → resources → line items. */
function nextLevel(state: SpendState): SpendDimension | null {
  const way: SpendDimension[] =
    state.groupBy === "businessUnit" || state.groupBy === "costCentre"
      ? ["team", "service", "subAccount"]
      : ["service", "subAccount"];
  return way.find((dimension) => dimension !== state.groupBy && (state.filters[dimension]?.length ?? 0) !== 1) ?? null;
}
