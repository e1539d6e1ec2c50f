import { rowsSql, type Population, type Sql } from "#lib/db/posture/population-sql.ts";

/** Text columns by the header that people read; a leading =, +, -, @, tab or line break gets an apostrophe, so that no cell is a formula. */
const TEXTS: readonly [string, string][] = [
  ["Rule", "rule_key"],
  ["RuleTitle", "title"],
  ["Severity", "severity"],
  ["Controls", "controls"],
  ["ResourceKind", "kind"],
  ["ResourceKey", "resource_key"],
  ["ResourceName", "name"],
  ["Account", "account_id"],
  ["Region", "region"],
  ["Cluster", "cluster_key"],
  ["NamespaceUid", "namespace_uid"],
  ["Environment", "environment"],
  ["Team", "team_key"],
  ["Verdict", "verdict"],
  ["Note", "note"],
  ["EvidenceSha256", "evidence_hash"],
  ["WaiverReason", "waiver_reason"],
  ["Source", "source_key"],
  ["Part", "part"],
];
const INSTANTS: readonly [string, string][] = [
  ["From", "valid_from"],
  ["To", "valid_to"],
  ["HeldFrom", "held_from"],
  ["RecordedAt", "recorded_at"],
  ["WaiverEndsAt", "waiver_ends_at"],
];

/** Names of the columns of `csvSql`. */
export const CSV_COLUMNS: readonly string[] = [
  ...TEXTS.map(([name]) => name),
  ...INSTANTS.map(([name]) => name),
  "WaiverId",
  "NotEvaluated",
];

/** The rows of a population as text that CSV can hold as it is; instants as ISO 8601 in UTC. */
export function csvSql(population: Population): Sql {
  const { text, values } = rowsSql(population);
  const cells = [
    ...TEXTS.map(
      ([, column]) =>
        `CASE WHEN left(${column}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r', E'\\n') THEN '''' || ${column} ELSE ${column} END`,
    ),
    ...INSTANTS.map(([, column]) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`),
    "waiver_id",
    "CASE WHEN is_gap THEN 'yes' ELSE 'no' END",
  ];
  return { text: `SELECT ${cells.join(", ")} FROM (${text}) rows`, values };
}
