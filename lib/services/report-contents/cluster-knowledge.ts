import type { SqlExecutor } from "#lib/db/activity.ts";
import { readStandings } from "#lib/db/sprawl/cluster-standings.ts";
import type { ContentGap, SourceRun } from "#lib/reports/bundle/report-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";

/** The teams that a report is narrowed to; null = all. A member's is of the own team, whatever else was asked for. */
export function teamsOf({ filters, onlyTeam }: ReportParameters): string[] | null {
  if (onlyTeam !== null)
    return filters.teams.length === 0 ? [onlyTeam] : filters.teams.filter((key) => key === onlyTeam);
  return filters.teams.length === 0 ? null : filters.teams;
}

const TRAIL_WORDS: Record<keyof TrailSearch, string> = {
  text: "Words",
  actor: "Who",
  person: "Person",
  action: "Did",
  verbClass: "Class",
  outcome: "Outcome",
  resource: "To what",
  accountId: "Account",
  clusterKey: "Cluster",
  namespace: "Namespace",
  sourceAddress: "From",
  sourceKey: "Source",
  from: "Happened from",
  to: "Happened before",
  mfa: "Second factor",
  outside: "Outside of, by people",
};

/** What was asked, in words. */
export function scopeWords(parameters: ReportParameters): [string, string][] {
  const { period, asOf, filters, frameworkId, onlyTeam, throughEntry, trail } = parameters;
  const instant = (text: string) => `${text.slice(0, 19).replace("T", " ")} UTC`;
  return [
    ...(period
      ? [["Period", `${instant(period.from)} up to and without ${instant(period.to)}`] as [string, string]]
      : []),
    ["As of", `${instant(asOf)}: what was learnt later is left out`],
    ...(frameworkId === null ? [] : [["Framework", frameworkId] as [string, string]]),
    ...Object.entries(filters)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]): [string, string] => [
        name.charAt(0).toUpperCase() + name.slice(1),
        values.map((value) => value || "(nobody)").join(", "),
      ]),
    ...Object.entries(trail ?? {})
      .filter(([, value]) => value !== null)
      .map(([name, value]): [string, string] => [TRAIL_WORDS[name as keyof TrailSearch], String(value)]),
    ...(onlyTeam === null ? [] : [["Only what is of the team", onlyTeam || "(none)"] as [string, string]]),
    ...(throughEntry === null ? [] : [["Up to the entry", throughEntry] as [string, string]]),
  ];
}

/** When each cluster of the report was last read in whole, and what could not be read of it. */
export async function clusterKnowledge(
  sql: SqlExecutor,
  parameters: ReportParameters,
): Promise<{ sources: SourceRun[]; gaps: ContentGap[] }> {
  const all = await readStandings(sql, { asOf: new Date(parameters.asOf) });
  const { clusters } = parameters.filters;
  const standings = all.filter(({ cluster_key }) => clusters.length === 0 || clusters.includes(cluster_key));
  return {
    sources: standings.map(({ source_key, cluster_key, looked_at }) => ({
      source: source_key,
      part: cluster_key,
      at: looked_at?.toISOString() ?? null,
      run: null,
    })),
    gaps: standings.flatMap(({ source_key, cluster_key, unknown_since, error, unknown }) => [
      ...(unknown_since === null
        ? []
        : [
            {
              source: source_key,
              part: cluster_key,
              from: unknown_since.toISOString(),
              to: null,
              reason: error?.message ?? "It was read in part only.",
            },
          ]),
      ...unknown.map(({ kind, message }) => ({
        source: source_key,
        part: `${cluster_key}: ${kind}`,
        from: null,
        to: null,
        reason: message,
      })),
    ]),
  };
}
