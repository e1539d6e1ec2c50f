import { recordActivity } from "#lib/db/activity.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import { writeCsv } from "#lib/reports/write-csv.ts";
import { writeXlsx } from "#lib/reports/write-xlsx.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { unusedOf } from "#lib/services/sprawl/read-unused.ts";
import { MOST_PAGE_ROWS, type UnusedQuery, type UnusedRow, type UnusedView } from "#lib/services/sprawl/sprawl-view.ts";
import type { ExportedFile } from "#lib/services/spend/export-spend.ts";
import { AppError } from "#lib/errors.ts";

/** Rows that a list to hand out may have. */
const MOST_ROWS = 20_000;

/** The list of unused namespaces to hand to their owners: all that match, whatever the page. Who took it is logged. */
export async function exportUnused(
  context: ServiceContext,
  query: UnusedQuery,
  format: "csv" | "xlsx",
): Promise<ExportedFile> {
  await authorise(context, "sprawl:export", "unused namespaces");
  const { view, rows } = await readAll(context, query);
  const table = toTable(query, view, rows);
  const body = format === "csv" ? writeCsv(table) : await writeXlsx(table);
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "unused-namespaces.exported",
    subject: "unused namespaces",
    after: { format, query, rows: rows.length },
  });
  return {
    fileName: `unused-namespaces-${context.now.toISOString().slice(0, 10)}.${format}`,
    contentType:
      format === "csv"
        ? "text/csv; charset=utf-8"
        : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    body,
  };
}

async function readAll(context: ServiceContext, query: UnusedQuery): Promise<{ view: UnusedView; rows: UnusedRow[] }> {
  const view = await unusedOf(context, { ...query, offset: 0, limit: MOST_PAGE_ROWS });
  if (view.total > MOST_ROWS)
    throw new AppError("limit_reached", `The list has ${view.total} namespaces; an export has ${MOST_ROWS} at most.`, {
      remedy: "Filter by team, cluster or provider and export in parts.",
    });
  const rows = [...view.rows];
  for (let offset = rows.length; offset < view.total && offset < MOST_ROWS; offset += MOST_PAGE_ROWS)
    rows.push(...(await unusedOf(context, { ...query, offset, limit: MOST_PAGE_ROWS })).rows);
  return { view, rows };
}

const TEXT_COLUMNS = [
  "Cluster",
  "Namespace",
  "Uid",
  "State",
  "Quiet since",
  "Made",
  "Owner's key",
  "Owner",
  "Owner's evidence",
  "Why the owner",
  "Why unused",
  "What would change it",
] as const;

function toTable(query: UnusedQuery, view: UnusedView, rows: readonly UnusedRow[]): ReportTable {
  return {
    title: "Unused namespaces",
    columns: [
      ...TEXT_COLUMNS.map((name) => ({ name, type: "text" as const })),
      { name: "Volumes", type: "count" },
      { name: "Load balancers", type: "count" },
      { name: "Currency", type: "text" },
      { name: "Effective cost of 30 days", type: "amount" },
    ],
    rows: rows.map((row) => [
      row.clusterKey,
      row.name,
      row.uid,
      row.state,
      row.quietSince,
      row.createdAt,
      row.owner.team?.key ?? null,
      row.owner.team?.name ?? null,
      row.owner.strength,
      row.owner.reasons.join(" "),
      row.reasons.join(" "),
      row.wouldChange.join(" "),
      row.remains.volumes?.toString() ?? null,
      row.loadBalancers?.toString() ?? null,
      row.cost?.currency ?? null,
      row.cost?.amount ?? null,
    ]),
    about: aboutOf(query, view),
  };
}

function aboutOf(query: UnusedQuery, view: UnusedView): [string, string][] {
  const { teams, clusters, providers, strengths, ages, search } = query;
  const filters = Object.entries({ teams, clusters, providers, strengths, ages })
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}: ${values.map((value) => value || "(nobody)").join(" or ")}`);
  return [
    ["As of", view.asOf ?? "now"],
    ["Window", `${view.windowDays} days of our own observation`],
    ["Also those that are kept by a veto", query.withAsleep ? "yes" : "no"],
    ["Filters", [...filters, ...(search === "" ? [] : [`name holds ${search}`])].join("; ") || "none"],
    [
      "Days of cost",
      view.costRange ? `${view.costRange.from} up to and without ${view.costRange.to} (UTC)` : "unknown",
    ],
    ["Namespaces", String(view.total)],
    ["Not judged", `${view.unknown.namespaces} namespaces are unknown, and not in this list`],
    ...view.costs.map(({ currency, amount }): [string, string] => [`Together ${currency}`, amount]),
  ];
}
