import {
  DEFAULT_SPRAWL_QUERY,
  NAMESPACE_SORTS,
  type NamespaceSort,
  type SprawlQuery,
} from "#lib/services/sprawl/sprawl-view.ts";

/** What namespaces can be filtered by, in the order in which it is asked. The names are those of the URL. */
export const FACETS = [
  { name: "team", key: "teams", label: "Team" },
  { name: "cluster", key: "clusters", label: "Cluster" },
  { name: "provider", key: "providers", label: "Provider" },
  { name: "owner", key: "strengths", label: "Owner" },
  { name: "state", key: "states", label: "State" },
  { name: "age", key: "ages", label: "Age" },
] as const;
export type Facet = (typeof FACETS)[number];
export type FacetKey = Facet["key"];

/** The question on /sprawl and /sprawl/unused. Everything of it stands in the URL; defaults are left out there. */
export type SprawlState = Pick<SprawlQuery, FacetKey | "search"> & {
  sort: NamespaceSort;
  descending: boolean;
  /** Rows of the list that are passed over. */
  offset: number;
  /** What the map is divided by. */
  map: "teams" | "clusters";
  /** On /sprawl/unused: also those that a veto keeps. */
  withAsleep: boolean;
  /** ISO instant; null = now. */
  asOf: string | null;
};

/** Rows of the list on one page: twice what a high window shows. */
export const PAGE_ROWS = DEFAULT_SPRAWL_QUERY.limit;

export const SORT_PARAMETER = "sort";
export const ROW_PARAMETER = "row";

export function hasFilters(state: SprawlState): boolean {
  return state.search !== "" || FACETS.some(({ key }) => state[key].length > 0);
}

/** The page's URL for a question; `path` for /sprawl/unused, the API and the exports. */
export function sprawlHref(state: SprawlState, path = "/sprawl"): string {
  const search = sprawlSearch(state).toString();
  return search === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${search}`;
}

/** The same question with other filters, from the first row. */
export function withFilters(state: SprawlState, filters: Partial<SprawlState>): SprawlState {
  return { ...state, offset: 0, ...filters };
}

/** The question as search parameters, in a fixed order so that equal questions have equal links. */
function sprawlSearch(state: SprawlState): URLSearchParams {
  const params = new URLSearchParams();
  for (const { name, key } of FACETS) for (const value of state[key]) params.append(name, value);
  if (state.search !== "") params.set("find", state.search);
  const sort = sortText(state);
  if (sort !== sortText(DEFAULT_SPRAWL_QUERY)) params.set(SORT_PARAMETER, sort);
  if (state.offset > 0) params.set(ROW_PARAMETER, String(state.offset));
  if (state.map !== "teams") params.set("map", state.map);
  if (state.withAsleep) params.set("asleep", "yes");
  if (state.asOf !== null) params.set("asOf", state.asOf);
  return params;
}

/** "-cost" is the dearest first, "name" from A. */
function sortText({ sort, descending }: Pick<SprawlState, "sort" | "descending">): string {
  return `${descending ? "-" : ""}${sort}`;
}

/** "-cost" as a sort; what is no sort is the default one. */
export function readSort(text: string): { sort: NamespaceSort; descending: boolean } {
  const sort = NAMESPACE_SORTS.find((known) => known === text.replace("-", ""));
  return sort === undefined ? { sort: "cost", descending: true } : { sort, descending: text.startsWith("-") };
}
