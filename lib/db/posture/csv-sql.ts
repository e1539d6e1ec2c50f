import { wholeSql, type Population, type Sql } from "#lib/db/posture/population-sql.ts";

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
/** Written by ourselves alone: a verdict's name, a hash. */
const OUR_WORDS: ReadonlySet<string> = new Set(["verdict", "evidence_hash"]);

const INSTANTS: readonly [string, string][] = [
  ["From", "valid_from"],
  ["To", "valid_to"],
  ["HeldFrom", "held_from"],
  ["RecordedAt", "recorded_at"],
  ["WaiverEndsAt", "waiver_ends_at"],
];

/** The characters that formulas begin with: = + - @, tab, carriage return, line feed. */
const FORMULAS = [61, 43, 45, 64, 9, 13, 10];
const LAST_OF_FORMULAS = Math.max(...FORMULAS);

/** ISO 8601 in UTC with milliseconds, as everywhere else. Most instants are whole seconds, of which the database's own text in UTC is cheaper. */
function isoText(column: string): string {
  return `CASE WHEN ${column}::timestamptz(0) = ${column} THEN replace(${column}::timestamp::text, ' ', 'T') || '.000Z'
    ELSE to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END`;
}

/** Names of the columns of `csvSql`. */
export const CSV_COLUMNS: readonly string[] = [
  ...TEXTS.map(([name]) => name),
  ...INSTANTS.map(([name]) => name),
  "WaiverId",
  "NotEvaluated",
];

/** The rows of a population as text that CSV can hold as it is; instants as ISO 8601 in UTC. */
export function csvSql(population: Population): Sql {
  const { text, values } = wholeSql(population);
  const cells = [
    ...TEXTS.map(([, column]) =>
      // What formulas begin with is compared by number, and most texts by their first letter being beyond all of these.
      OUR_WORDS.has(column)
        ? column
        : `CASE WHEN ascii(${column}) <= ${LAST_OF_FORMULAS} AND ascii(${column}) IN (${FORMULAS}) THEN '''' || ${column} ELSE ${column} END`,
    ),
    ...INSTANTS.map(([, column]) => isoText(column)),
    "waiver_id",
    "CASE WHEN is_gap THEN 'yes' ELSE 'no' END",
  ];
  return { text: `SELECT ${cells.join(", ")} FROM (${text}) rows`, values };
}
