import { ACCESS_COLUMNS, accessSql } from "#lib/db/reports/access-sql.ts";
import { streamRows } from "#lib/db/reports/stream-rows.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { clusterKnowledge, scopeWords, teamsOf } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

/** Headers of the columns of `accessSql`. */
const TEXTS = [
  "Cluster",
  "Scope",
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

/** Who may do what in which namespace and in whole clusters at an instant: one row for each subject of each binding. */
export function accessContent({ database }: ServiceContext, parameters: ReportParameters): PreparedContent {
  const { clusters } = parameters.filters;
  const { text, values } = accessSql({
    at: new Date(parameters.asOf),
    clusters: clusters.length > 0 ? clusters : null,
    teams: teamsOf(parameters),
  });
  return prepareContent({
    title: "Access review: who may do what where",
    method: [
      "One row for each subject that a binding names, as our looks at the clusters saw it at the instant: role bindings, which are for their namespace, and cluster role bindings, which are cluster-wide and reach every namespace.",
      "What is cluster-wide has no namespace and no owner. A report of some teams has it of each cluster in which one of them owns a namespace.",
      "What members a group has is known to the identity provider, not to the cluster.",
      "A binding is kept since Bursar first read it: at an instant before that there are no rows, which then means unknown and not none.",
    ],
    scope: scopeWords(parameters),
    tableName: "access",
    columns: TEXTS.map((name) => ({ name, type: "text" })),
    batches: streamRows(database, text, values, toRow),
    toRow: (row) => row,
    totals: [],
    countBy: ["Cluster", "Scope", "Role", "Subject's kind"],
    after: async () => ({
      ...(await clusterKnowledge(database.pool, parameters)),
      controlTotals: [],
      people: [],
      summaries: [],
    }),
    isLog: false,
  });
}

function toRow(row: Record<string, unknown>): string[] {
  return ACCESS_COLUMNS.map((name) => {
    const value = row[name];
    return value instanceof Date ? value.toISOString() : String(value);
  });
}
