import { recordActivity } from "#lib/db/activity.ts";
import { sharePercent } from "#lib/domain/change.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import { writeCsv } from "#lib/reports/write-csv.ts";
import { writeXlsx } from "#lib/reports/write-xlsx.ts";
import {
  filterAccounts,
  providersRead,
  standingOf,
  type AccountFilters,
} from "#lib/services/accounts/account-filters.ts";
import type { AccountRow, AccountsQuery, AccountsView } from "#lib/services/accounts/accounts-view.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { ExportedFile } from "#lib/services/spend/export-spend.ts";

type Asked = { query: AccountsQuery; filters: AccountFilters; format: "csv" | "xlsx" };

/** The accounts as shown, with owner, evidence and every decimal. Who took them is logged. */
export async function exportAccounts(context: ServiceContext, asked: Asked): Promise<ExportedFile> {
  await authorise(context, "spend:export", "accounts");
  const { query, filters, format } = asked;
  const table = toTable(asked, await readAccounts(context, query));
  const body = format === "csv" ? writeCsv(table) : await writeXlsx(table);
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "accounts.exported",
    subject: `accounts ${query.from} to ${query.to}`,
    after: { format, query, filters, rows: table.rows.length },
  });
  return {
    fileName: `accounts-${query.from}-${query.to}.${format}`,
    contentType:
      format === "csv"
        ? "text/csv; charset=utf-8"
        : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    body,
  };
}

const TEXT_COLUMNS_BEFORE = [
  "Currency",
  "Provider",
  "Account",
  "Name",
  "Unit",
  "Known from",
  "State",
  "State seen since",
  "Joined",
  "Owner",
  "Owner's evidence",
  "Why",
];

function toTable({ query, filters }: Asked, view: AccountsView): ReportTable {
  const read = providersRead(view.sections);
  const rows = view.sections.flatMap((section) =>
    filterAccounts(section, filters, read).map((row) => [
      section.currency,
      ...whoAndWhere(row, standingOf(row, read)),
      row.amount,
      sharePercent(row.amount, section.bar.total),
      row.previous,
      row.change,
    ]),
  );
  return {
    title: "Accounts",
    columns: [
      ...TEXT_COLUMNS_BEFORE.map((name) => ({ name, type: "text" as const })),
      { name: `${query.basis} cost`, type: "amount" },
      { name: "Share in percent", type: "text" },
      { name: "Comparison", type: "amount" },
      { name: "Change in percent", type: "text" },
    ],
    rows,
    about: aboutOf(query, filters, view),
  };
}

function whoAndWhere(row: AccountRow, standing: string): (string | null)[] {
  const { membership, owner } = row;
  return [
    row.provider,
    row.accountId,
    row.name,
    membership?.unitNames.join(" / ") ?? null,
    standing,
    membership?.state ?? null,
    membership?.stateSeenAt ?? null,
    membership?.joinedAt ?? null,
    owner.team?.name ?? null,
    owner.strength,
    owner.reasons.join(" "),
  ];
}

function aboutOf(query: AccountsQuery, filters: AccountFilters, view: AccountsView): [string, string][] {
  const asked = [
    ...Object.entries(query.filters).map(([dimension, values]) => `${dimension} is ${(values ?? []).join(" or ")}`),
    ...Object.entries(filters)
      .filter(([, value]) => value !== null && value !== "")
      .map(([name, value]) => `${name} is ${String(value)}`),
  ];
  return [
    ["Period", `${query.from} up to and without ${query.to} (UTC)`],
    ["As of", view.asOf ?? "now"],
    ["Cost basis", query.basis],
    ["Filters", asked.join("; ") || "none"],
    ["Published", view.age.publishedAt ?? "nothing published"],
    ["Missing", view.age.missing.map((gap) => `${gap.source} ${gap.period}`).join("; ") || "nothing"],
    ...view.inventories.map(({ source, readAt, unknown }): [string, string] => [
      source,
      `read ${readAt}${unknown.map(({ what, action }) => `; may not be read: ${what} (${action})`).join("")}`,
    ]),
    ...view.sections.map(({ currency, bar }): [string, string] => [`Total ${currency}`, bar.total]),
  ];
}
