import { streamRows } from "#lib/db/reports/stream-rows.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { clusterKnowledge, scopeWords, teamsOf } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

const TEXTS = [
  "Cluster",
  "Namespace",
  "Uid",
  "Owner",
  "Subject",
  "Subject's kind",
  "Subject's namespace",
  "Role",
  "Role's kind",
  "Binding",
  "Since",
] as const;

/** Who may do what in which namespace at an instant: one row for each subject of each role binding. */
export function accessContent({ database }: ServiceContext, parameters: ReportParameters): PreparedContent {
  const values: unknown[] = [new Date(parameters.asOf)];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const held = (alias: string) => `${alias}.seen_from <= $1 AND (${alias}.seen_to IS NULL OR ${alias}.seen_to > $1)`;
  const { clusters } = parameters.filters;
  const teams = teamsOf(parameters);
  const where = [
    held("a"),
    ...(clusters.length > 0 ? [`a.cluster_key = ANY(${bind(clusters)})`] : []),
    ...(teams === null ? [] : [`coalesce(o.team_key, '') = ANY(${bind(teams)})`]),
  ];
  const order = [
    "a.cluster_key",
    "n.name",
    "a.uid",
    "a.subject_kind",
    "a.subject_namespace",
    "a.subject_name",
    "a.role",
    "a.binding",
  ];
  const sql = `SELECT a.*, n.name, coalesce(o.team_key, '') AS team_key FROM namespace_access a
    JOIN namespace n ON n.cluster_key = a.cluster_key AND n.uid = a.uid AND ${held("n")}
    LEFT JOIN namespace_owner o ON o.cluster_key = a.cluster_key AND o.uid = a.uid AND ${held("o")}
    WHERE ${where.join(" AND ")} ORDER BY ${order.map((column) => `${column} COLLATE "C"`).join(", ")}`;
  return prepareContent({
    title: "Access review: who may do what where",
    method: [
      "One row for each subject that a role binding of a namespace names, as our looks at the clusters saw it at the instant.",
      "Bindings for a whole cluster are not namespaces' own, and are not part of this report. What members a group has is known to the identity provider, not to the cluster.",
      "A binding is kept since Bursar first read it: at an instant before that there are no rows, which then means unknown and not none.",
    ],
    scope: scopeWords(parameters),
    tableName: "access",
    columns: TEXTS.map((name) => ({ name, type: "text" })),
    batches: streamRows(database, sql, values, toRow),
    toRow: (row) => row,
    totals: [],
    countBy: ["Cluster", "Role", "Subject's kind"],
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
  const names = [
    "cluster_key",
    "name",
    "uid",
    "team_key",
    "subject_name",
    "subject_kind",
    "subject_namespace",
    "role",
    "role_kind",
    "binding",
  ];
  return [...names.map((name) => String(row[name])), (row["seen_from"] as Date).toISOString()];
}
