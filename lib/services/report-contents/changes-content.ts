import { streamRows } from "#lib/db/reports/stream-rows.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { scopeWords } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

/** What was done in Bursar in a period, by whom: the activity log, who asked for and downloaded which report among it. */
export function changesContent({ database }: ServiceContext, parameters: ReportParameters): PreparedContent {
  const { period, throughEntry } = parameters;
  return prepareContent({
    title: "Change log",
    method: [
      "Every entry of the activity log of the period, in order of arrival. The log only grows: the database refuses to change or remove an entry.",
      "Entries that arrived after the last one named under scope are left out, so that the same report can be made again.",
      "The JSON Lines file is the log; the manifest has the root of the Merkle tree over its lines (RFC 6962), so that a missing, changed or added entry shows.",
    ],
    scope: scopeWords(parameters),
    tableName: "changes",
    columns: [
      { name: "Entry", type: "count" },
      ...["When", "Who", "Role", "Did", "To what", "Before", "After"].map((name) => ({ name, type: "text" as const })),
    ],
    batches: streamRows(
      database,
      "SELECT * FROM activity WHERE at >= $1 AND at < $2 AND id <= $3::bigint ORDER BY id",
      [period?.from, period?.to, throughEntry],
      (row) => row,
    ),
    toRow: (row) => [
      String(row["id"]),
      (row["at"] as Date).toISOString(),
      ...["actor_id", "role", "action", "subject"].map((name) => String(row[name])),
      ...["before", "after"].map((name) => (row[name] === null ? null : JSON.stringify(row[name]))),
    ],
    totals: [],
    countBy: ["Did", "Who"],
    after: () =>
      Promise.resolve({
        sources: [{ source: "activity log", part: "all", at: parameters.asOf, run: null }],
        gaps: [],
        controlTotals: [],
        people: [],
        summaries: [],
      }),
    isLog: true,
  });
}
