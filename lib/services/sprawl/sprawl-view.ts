import type { Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";
import type { ClusterProvider } from "#lib/sources/cluster-inventory.ts";

export type OwnerStrength = OwnerView["strength"];
export const OWNER_STRENGTHS: readonly OwnerStrength[] = ["explicit", "derived", "weak", "contested", "none"];

/** How long ago a namespace was made: less than 30 days, 90 days, a year, or longer; "unknown" where the cluster does not tell. */
export const AGE_CLASSES = ["days", "weeks", "months", "years", "unknown"] as const;
export type AgeClass = (typeof AGE_CLASSES)[number];

/** The verdict on its use, or what stands above it: it is being deleted, or it is gone. */
export const NAMESPACE_STATES = ["used", "unused", "asleep", "unknown", "terminating"] as const;
export type NamespaceState = (typeof NAMESPACE_STATES)[number];

export const NAMESPACE_SORTS = ["cost", "name", "cluster", "team", "age", "pods", "volumes", "quiet"] as const;
export type NamespaceSort = (typeof NAMESPACE_SORTS)[number];

/** What is asked of the list, as it stands in the URL. Any of the values of a filter, all filters together; [] = any. */
export type SprawlQuery = {
  /** Team keys; "" = nobody's. */
  teams: string[];
  clusters: string[];
  providers: ClusterProvider[];
  strengths: OwnerStrength[];
  states: NamespaceState[];
  ages: AgeClass[];
  /** A part of the name, or the beginning of a uid. */
  search: string;
  sort: NamespaceSort;
  descending: boolean;
  /** Rows to pass over and to answer, at most MOST_PAGE_ROWS. */
  offset: number;
  limit: number;
  /** As it was seen at this instant; null = now. Amounts are always of the newest bill. */
  asOf: Date | null;
};

/** No filter at all. */
export const NO_SPRAWL_FILTERS = {
  teams: [],
  clusters: [],
  providers: [],
  strengths: [],
  states: [],
  ages: [],
  search: "",
} satisfies Partial<SprawlQuery>;

export const DEFAULT_SPRAWL_QUERY: SprawlQuery = {
  ...NO_SPRAWL_FILTERS,
  sort: "cost",
  descending: true,
  offset: 0,
  limit: 50,
  asOf: null,
};

export const MOST_PAGE_ROWS = 500;

/** Money of one currency; effective cost of COST_DAYS days. */
export type Money = { currency: string; amount: Amount };

/** Whose something is, as lists show it. The claims are read when it is opened. */
export type OwnerBrief = {
  team: { key: string; name: string } | null;
  strength: OwnerStrength;
  confidence: OwnerView["confidence"];
  /** Origin of the winning claim as people read it ("The label"); null where none won. */
  origin: string | null;
  reasons: string[];
};

/** One namespace of the list. Instants are ISO 8601 in UTC; null = unknown. */
export type NamespaceRow = {
  clusterKey: string;
  uid: string;
  name: string;
  provider: ClusterProvider;
  createdAt: string | null;
  /** When we first saw it. */
  firstSeenAt: string;
  /** When it was last seen to be there: older than the newest look where its cluster cannot be read. */
  lastSeenAt: string;
  owner: OwnerBrief;
  state: NamespaceState;
  holdsData: boolean;
  /** Since when it has been quiet; null unless it is unused or asleep. */
  quietSince: string | null;
  /** Pods that run or wait. */
  pods: number | null;
  volumesGib: string | null;
  loadBalancers: number | null;
  /** Effective cost of the last 30 days that were billed; null where its cluster's bill is not split. */
  cost: Money | null;
};

export type NamespacePage = { rows: NamespaceRow[]; /** All that match. */ total: number; offset: number };

/** Of one value of a dimension: how many namespaces, and what they cost in 30 days by currency. */
export type SprawlGroup = { key: string; label: string; namespaces: number; unused: number; costs: Money[] };

/** One kind of thing: how many there are, how many more than 30 days ago, and what they cost in 30 days. */
export type SprawlKind = {
  kind: "accounts" | "clusters" | "nodes" | "namespaces";
  count: number;
  /** Null where it was not observed 30 days ago. */
  change: number | null;
  costs: Money[];
};

/** Counts at the end of each day. Days before `observedFrom` are read from creation dates of what was still there: drawn paler. */
export type GrowthLines = {
  days: Day[];
  observedFrom: Day | null;
  namespaces: number[];
  /** Clusters that were seen, and accounts that an organisation listed; null before they were observed. */
  clusters: (number | null)[];
  accounts: (number | null)[];
  /** Made and gone on each day. */
  created: number[];
  deleted: number[];
};

/** How much has an owner, by strength. Percent with one decimal; null where there is nothing. */
export type CoverageView = {
  namespaces: CoveragePart;
  accounts: CoveragePart;
  /** By currency. */
  costs: { currency: string; total: Amount; byStrength: Record<OwnerStrength, Amount>; ownedPercent: string | null }[];
  /** Since the first observation, at the end of each day. */
  overTime: {
    namespaces: CoverageDay[];
    /** By the directory as it stands now, or at the instant that is asked for. */
    accounts: CoverageDay[];
    /** What the namespaces cost on each day, effective; empty for members, whose namespaces all have an owner. */
    costs: { currency: string; days: CostCoverageDay[] }[];
  };
};
export type CoverageDay = { day: Day } & CoveragePart;
export type CostCoverageDay = { day: Day; total: Amount; owned: Amount; ownedPercent: string | null };
export type CoveragePart = { total: number; byStrength: Record<OwnerStrength, number>; ownedPercent: string | null };

/** How a cluster's last look went. */
export type ClusterStanding = {
  key: string;
  title: string;
  provider: ClusterProvider;
  namespaces: number;
  /** The last look that listed every namespace; null = none yet. */
  lookedAt: string | null;
  /** Set where later looks failed: what is shown is of `lookedAt`, and unknown since. */
  unknownSince: string | null;
  error: string | null;
  /** Kinds that may not be read, with the line of RBAC to add. */
  unknown: { kind: string; message: string; rbacLine: string | null }[];
};

/** /sprawl: what exists, how it grows, and the list. */
export type SprawlView = {
  asOf: string | null;
  kinds: SprawlKind[];
  growth: GrowthLines;
  coverage: CoverageView;
  /** Of everything that the filters leave: chips show them, the treemap draws the first two. */
  groups: {
    teams: SprawlGroup[];
    clusters: SprawlGroup[];
    providers: SprawlGroup[];
    strengths: SprawlGroup[];
    states: SprawlGroup[];
    ages: SprawlGroup[];
  };
  clusters: ClusterStanding[];
  /** The days that costs are summed over, half-open; null where no cluster's bill is split. */
  costRange: { from: Day; to: Day } | null;
  page: NamespacePage;
};

/** /sprawl/unused is asked like the list; states other than unused and asleep are left out. */
export type UnusedQuery = Omit<SprawlQuery, "states"> & {
  /** Also those that are quiet but kept by a veto. */
  withAsleep: boolean;
};

export type UnusedRow = NamespaceRow & {
  reasons: string[];
  wouldChange: string[];
  /** "No pod ran in 30 days": one line per sign. */
  signs: {
    sign: string;
    reading: "shows-use" | "quiet" | "unknown" | "skipped";
    reason: string;
    lastUse: string | null;
  }[];
  vetoes: { kind: string; reason: string }[];
  /** Where it still costs: claims on volumes and balancers that stand. */
  remains: { volumes: number | null; loadBalancers: number | null };
};

export type UnusedView = {
  asOf: string | null;
  /** Days of observation that the verdict stands on. */
  windowDays: number;
  rows: UnusedRow[];
  total: number;
  offset: number;
  /** What all that match cost together in 30 days. */
  costs: Money[];
  /** The owners to ask, the dearest first; key "" = nobody. */
  byTeam: SprawlGroup[];
  /** Namespaces that cannot be judged, and the most frequent reasons. */
  unknown: { namespaces: number; reasons: { reason: string; namespaces: number }[] };
  costRange: { from: Day; to: Day } | null;
};
