import { recordActivity } from "#lib/db/activity.ts";
import { writeCsv } from "#lib/reports/write-csv.ts";
import { writeXlsx } from "#lib/reports/write-xlsx.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendQuery, SpendView } from "#lib/services/spend/spend-view.ts";

export type ExportedFile = { fileName: string; contentType: string; body: Uint8Array };

/** The spend table as shown, with every row and every decimal. Who took it is logged. */
export async function exportSpend(
  context: ServiceContext,
  query: SpendQuery,
  format: "csv" | "xlsx",
): Promise<ExportedFile> {
  await authorise(context, "spend:export", "spend");
  const table = toTable(query, await readSpend(context, query));
  const body = format === "csv" ? writeCsv(table) : await writeXlsx(table);
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "spend.exported",
    subject: `${query.groupBy} ${query.from} to ${query.to}`,
    after: { format, query, rows: table.rows.length },
  });
  return {
    fileName: `spend-by-${query.groupBy.replace(/[^A-Za-z0-9]+/g, "-")}-${query.from}-${query.to}.${format}`,
    contentType:
      format === "csv"
        ? "text/csv; charset=utf-8"
        : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    body,
  };
}

function toTable(query: SpendQuery, view: SpendView): ReportTable {
  const rows = view.sections.flatMap((section) =>
    section.rows.map((row) => [
      section.currency,
      row.key,
      row.label,
      row.detail,
      row.amount,
      row.direct,
      row.shared,
      row.sharePercent,
      row.previous,
      row.change,
    ]),
  );
  return {
    title: "Spend",
    columns: [
      { name: "Currency", type: "text" },
      { name: query.groupBy, type: "text" },
      { name: "Name", type: "text" },
      { name: "Detail", type: "text" },
      { name: `${query.basis} cost`, type: "amount" },
      { name: "of it direct", type: "amount" },
      { name: "of it shared", type: "amount" },
      { name: "Share in percent", type: "text" },
      { name: "Comparison", type: "amount" },
      { name: "Change in percent", type: "text" },
    ],
    rows,
    about: aboutOf(query, view),
  };
}

function aboutOf(query: SpendQuery, view: SpendView): [string, string][] {
  const filters = Object.entries(query.filters).map(
    ([dimension, values]) => `${dimension} is ${(values ?? []).map((value) => value || "(none)").join(" or ")}`,
  );
  return [
    ["Period", `${query.from} up to and without ${query.to} (UTC)`],
    ["As of", view.asOf ?? "now"],
    ["Cost basis", query.basis],
    ["Grouped by", query.groupBy],
    [
      "Filters",
      [...filters, ...(query.kinds.length > 0 ? [`kind is ${query.kinds.join(" or ")}`] : [])].join("; ") || "none",
    ],
    ["Published", view.age.publishedAt ?? "nothing published"],
    ["Complete to", view.age.completeTo ?? "—"],
    ["Missing", view.age.missing.map((gap) => `${gap.source} ${gap.period}`).join("; ") || "nothing"],
    ["Stale", view.age.stale.map((gap) => `${gap.source} ${gap.period}`).join("; ") || "nothing"],
    ...view.sections.flatMap(({ currency, bar, rates }): [string, string][] => [
      [
        `Total ${currency}`,
        `${bar.total} = direct ${bar.direct} + shared ${bar.shared} + idle ${bar.idle} + unallocated ${bar.unallocated}`,
      ],
      [
        `Provider's bill ${currency}`,
        bar.controlTotal === null
          ? "not comparable with these filters"
          : `${bar.controlTotal} (difference ${bar.difference})`,
      ],
      ...(rates.length > 0 ? [[`Rates to ${currency}`, rates.join("; ")] as [string, string]] : []),
    ]),
  ];
}
