import type { SqlExecutor } from "#lib/db/activity.ts";
import type { GroupRow, SummaryRow } from "#lib/db/sprawl/list-namespaces.ts";
import type { StandingRow } from "#lib/db/sprawl/cluster-standings.ts";
import { CLAIM_ORIGINS, type ClaimOrigin } from "#lib/domain/ownership/claim.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import type {
  ClusterStanding,
  Money,
  NamespaceRow,
  NamespaceState,
  OwnerBrief,
  SprawlGroup,
} from "#lib/services/sprawl/sprawl-view.ts";
import type { ClusterProvider } from "#lib/sources/cluster-inventory.ts";

/** What each team is called now, or was last. */
export async function loadTeamNames(sql: SqlExecutor): Promise<Map<string, string>> {
  const { rows } = await sql.query(
    "SELECT DISTINCT ON (team_key) team_key, team_name FROM team_membership ORDER BY team_key, valid_from DESC NULLS LAST",
  );
  return new Map(rows.map((row) => [String(row.team_key), String(row.team_name)]));
}

export function toNamespaceRow(row: SummaryRow): NamespaceRow {
  return {
    clusterKey: row.cluster_key,
    uid: row.uid,
    name: row.name,
    provider: row.provider as ClusterProvider,
    createdAt: row.created_at,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.gone_at ?? row.looked_at ?? row.first_seen_at,
    owner: toOwnerBrief(row),
    state: row.state as NamespaceState,
    holdsData: row.holds_data,
    quietSince: row.quiet_since,
    pods: row.pods,
    volumesGib: row.volumes_gib === null ? null : String(Math.round(row.volumes_gib * 1000) / 1000),
    loadBalancers: row.load_balancers,
    cost: row.cost === null || row.currency === null ? null : { currency: row.currency, amount: row.cost },
  };
}

function toOwnerBrief(row: SummaryRow): OwnerBrief {
  return {
    team: row.team_key === "" ? null : { key: row.team_key, name: row.team_name ?? row.team_key },
    strength: row.strength as OwnerBrief["strength"],
    confidence: row.confidence as OwnerBrief["confidence"],
    origin: row.origin === null ? null : CLAIM_ORIGINS[row.origin as ClaimOrigin].title,
    reasons: row.reasons,
  };
}

export function toStanding(row: StandingRow, namespaces: number): ClusterStanding {
  return {
    key: row.cluster_key,
    title: row.cluster_key,
    provider: row.provider as ClusterProvider,
    namespaces,
    lookedAt: row.looked_at?.toISOString() ?? null,
    unknownSince: row.unknown_since?.toISOString() ?? null,
    error: row.error?.message ?? null,
    unknown: row.unknown,
  };
}

/** The groups of one dimension, the dearest first, then the largest. */
export function toGroups(
  rows: readonly GroupRow[],
  dimension: GroupRow["dimension"],
  labelOf: (key: string) => string,
): SprawlGroup[] {
  const byKey = Map.groupBy(
    rows.filter((row) => row.dimension === dimension),
    ({ key }) => key,
  );
  return [...byKey]
    .map(([key, own]) => ({
      key,
      label: labelOf(key),
      namespaces: own.reduce((count, row) => count + row.namespaces, 0),
      unused: own.reduce((count, row) => count + row.unused, 0),
      costs: toCosts(own),
    }))
    .toSorted((a, b) => compareCosts(b.costs, a.costs) || b.namespaces - a.namespaces || (a.key < b.key ? -1 : 1));
}

/** What the rows cost by currency, the largest first; where nothing is known of the cost there is none. */
export function toCosts(rows: readonly { currency: string; cost: string }[]): Money[] {
  const byCurrency = Map.groupBy(
    rows.filter(({ currency }) => currency !== ""),
    ({ currency }) => currency,
  );
  return [...byCurrency]
    .map(([currency, own]) => ({ currency, amount: toAmount(sum(own.map(({ cost }) => cost))) }))
    .toSorted((a, b) => decimal(b.amount).comparedTo(a.amount) || (a.currency < b.currency ? -1 : 1));
}

/** Amounts of different currencies are not compared: the first currency's decides, and having any is more than having none. */
function compareCosts([left]: readonly Money[], [right]: readonly Money[]): number {
  if (left === undefined || right === undefined) return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
  return left.currency === right.currency
    ? decimal(left.amount).comparedTo(right.amount)
    : right.currency.localeCompare(left.currency);
}
