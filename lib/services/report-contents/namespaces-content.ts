import { streamRows } from "#lib/db/reports/stream-rows.ts";
import { summaryRelation } from "#lib/db/sprawl/summary-relation.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { clusterKnowledge, scopeWords, teamsOf } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

const TEXTS = [
  "Cluster",
  "Namespace",
  "Uid",
  "Provider",
  "Made",
  "First seen",
  "State",
  "Owner",
  "Owner's evidence",
  "Confidence",
  "Read from",
  "Why the owner",
  "Volumes hold data",
] as const;

/** Every namespace that was there at the instant, with its owner of then. What lay inside of it is not kept over time, and is not here. */
export function namespacesContent({ database }: ServiceContext, parameters: ReportParameters): PreparedContent {
  const values: unknown[] = [];
  const relation = summaryRelation(new Date(parameters.asOf), values);
  const bind = (value: unknown) => `$${values.push(value)}`;
  const { clusters } = parameters.filters;
  const teams = teamsOf(parameters);
  const where = [
    ...(clusters.length > 0 ? [`t.cluster_key = ANY(${bind(clusters)})`] : []),
    ...(teams === null ? [] : [`t.team_key = ANY(${bind(teams)})`]),
  ];
  const sql = `SELECT t.* FROM ${relation} ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""} ORDER BY t.cluster_key COLLATE "C", t.name COLLATE "C", t.uid COLLATE "C"`;
  return prepareContent({
    title: "Namespace inventory with owners",
    method: [
      "Every namespace that our looks at the clusters saw to be there at the instant, one row for each life: one that was deleted and made again has another uid.",
      "The owner is what all claims together said at that instant; the evidence names how strong they were, and why.",
      "A cluster that could not be read keeps what was last seen of it, and is named among the gaps.",
    ],
    scope: scopeWords(parameters),
    tableName: "namespaces",
    columns: TEXTS.map((name) => ({ name, type: "text" })),
    batches: streamRows(database, sql, values, toRow),
    toRow: (row) => row,
    totals: [],
    countBy: ["Cluster", "State", "Owner's evidence", "Owner"],
    after: async () => ({
      ...(await clusterKnowledge(database.pool, parameters)),
      controlTotals: [],
      people: [],
      summaries: [],
    }),
    isLog: false,
  });
}

function toRow(row: Record<string, unknown>): (string | null)[] {
  const text = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
  const instant = (name: string) => (row[name] instanceof Date ? row[name].toISOString() : null);
  const reasons = Array.isArray(row["reasons"]) ? row["reasons"].map(String).join(" ") : null;
  return [
    text("cluster_key"),
    text("name"),
    text("uid"),
    text("provider"),
    instant("created_at"),
    instant("first_seen_at"),
    text("state"),
    text("team_key"),
    text("strength"),
    text("confidence"),
    text("origin"),
    reasons,
    row["holds_data"] === true ? "yes" : "no",
  ];
}
