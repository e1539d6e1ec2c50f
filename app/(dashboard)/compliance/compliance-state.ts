import type { PostureColumn, PostureFilters } from "#lib/services/posture/posture-view.ts";

/** What compliance is narrowed by, in the order in which it is asked. The names are those of the URL. */
export const POSTURE_FACETS = [
  { name: "team", key: "teams", label: "Team" },
  { name: "unit", key: "units", label: "Business unit" },
  { name: "account", key: "accounts", label: "Account" },
  { name: "cluster", key: "clusters", label: "Cluster" },
  { name: "environment", key: "environments", label: "Environment" },
] as const;
export type PostureFacet = (typeof POSTURE_FACETS)[number];

export const TREND_DAYS = [30, 90, 365] as const;
export type TrendDays = (typeof TREND_DAYS)[number];

export const DEFAULT_COLUMNS: PostureColumn = "team";
export const DEFAULT_TREND: TrendDays = 90;

/** The question on the pages of compliance. Everything of it stands in the URL; defaults are left out there. */
export type ComplianceState = {
  /** Null = the first that there is. */
  framework: string | null;
  columnsBy: PostureColumn;
  filters: Pick<PostureFilters, PostureFacet["key"]>;
  trendDays: TrendDays;
  /** Groups of the map whose controls are shown; null = as many as fit. */
  open: readonly number[] | "all" | "none" | null;
  /** Half-open days "2026-04-01..2026-07-01", a quarter "2026-Q2", a month or a year; null = at one instant. */
  period: string | null;
  /** ISO instant; null = now. */
  asOf: string | null;
};

/** A link to one of the pages with a question, and what else the page takes. */
export function complianceHref(
  state: ComplianceState,
  path = "/compliance",
  others: Record<string, string | null> = {},
): string {
  const params = new URLSearchParams();
  if (state.framework !== null) params.set("framework", state.framework);
  if (state.columnsBy !== DEFAULT_COLUMNS) params.set("by", state.columnsBy);
  for (const { name, key } of POSTURE_FACETS) for (const value of state.filters[key]) params.append(name, value);
  if (state.trendDays !== DEFAULT_TREND) params.set("trend", String(state.trendDays));
  if (state.open !== null) params.set("open", typeof state.open === "string" ? state.open : state.open.join("."));
  if (state.period !== null) params.set("period", state.period);
  for (const [name, value] of Object.entries(others)) if (value !== null) params.set(name, value);
  if (state.asOf !== null) params.set("asOf", state.asOf);
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}

/** The same question without what only the map needs, for the pages below it. */
export function narrowed(state: ComplianceState, filters: Partial<ComplianceState["filters"]> = {}): ComplianceState {
  return {
    ...state,
    open: null,
    columnsBy: DEFAULT_COLUMNS,
    trendDays: DEFAULT_TREND,
    filters: { ...state.filters, ...filters },
  };
}

/** The pages below ask at an instant; a period is the map's own. */
export function atInstant(state: ComplianceState): ComplianceState {
  return { ...state, period: null };
}

export function hasPostureFilters({ filters }: ComplianceState): boolean {
  return POSTURE_FACETS.some(({ key }) => filters[key].length > 0);
}

export function ruleHref(state: ComplianceState, ruleKey: string, others: Record<string, string | null> = {}): string {
  return complianceHref(narrowed(state), "/compliance/rule", { rule: ruleKey, ...others });
}

export function controlHref(state: ComplianceState, frameworkId: string, controlId: string): string {
  return complianceHref({ ...narrowed(state), framework: frameworkId }, "/compliance/control", { control: controlId });
}

/** A resource is what it is whatever the question was narrowed to. */
export function resourceHref(state: ComplianceState, id: number, others: Record<string, string | null> = {}): string {
  return complianceHref({ ...narrowed(state), filters: NO_FACETS, period: null }, "/compliance/resource", {
    id: String(id),
    ...others,
  });
}

export const NO_FACETS: ComplianceState["filters"] = {
  teams: [],
  units: [],
  accounts: [],
  clusters: [],
  environments: [],
};

/** The facet that a column of the map narrows by. */
export const FACET_OF_COLUMN = {
  team: "teams",
  account: "accounts",
  cluster: "clusters",
  unit: "units",
} as const satisfies Record<PostureColumn, PostureFacet["key"]>;
