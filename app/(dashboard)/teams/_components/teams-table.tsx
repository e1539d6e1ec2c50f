import Link from "next/link";
import type { ReactNode } from "react";
import { formatAmount, formatCount, formatExact } from "#lib/domain/format.ts";
import type { TeamRow } from "#lib/services/teams/teams-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { teamHref, withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { exactWords, moneyWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { TeamStrength } from "#app/(dashboard)/teams/_components/team-strength.tsx";
import { teamsHref, type TeamSort, type TeamsState } from "#app/(dashboard)/teams/teams-state.ts";

type Column = {
  header: string;
  sort: TeamSort | null;
  isRight?: boolean;
  className?: string;
  cell: (row: TeamRow) => ReactNode;
};

/** Rendered on the server: orders are links, so that a list of teams ships no code. */
export function TeamsTable({ rows, state }: { rows: readonly TeamRow[]; state: TeamsState }) {
  const columns = columnsOf(state);
  return (
    <div className="relative overflow-x-auto" role="region" aria-label="Teams" tabIndex={0}>
      <table className="w-full border-collapse text-sm" data-rows="many">
        <caption className="sr-only">Teams</caption>
        <thead>
          <tr className="border-b border-line text-xs text-soft">
            {columns.map(({ header, sort, isRight, className }) => (
              <th
                key={header}
                scope="col"
                aria-sort={sort === state.sort ? (sort === "name" ? "ascending" : "descending") : undefined}
                className={classNames(placeOf(isRight, className), "h-7 font-medium whitespace-nowrap")}
              >
                {sort === null ? (
                  header
                ) : (
                  <Link href={teamsHref(state, { sort })} prefetch={false} className="hover:text-ink">
                    {header}
                    {sort === state.sort ? <span aria-hidden>{sort === "name" ? " ↑" : " ↓"}</span> : null}
                  </Link>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className="h-8 border-b border-line hover:bg-sunk">
              {columns.map(({ header, isRight, className, cell }, index) =>
                index === 0 ? (
                  <th key={header} scope="row" className={classNames(placeOf(isRight, className), "py-1 font-normal")}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={header} className={classNames(placeOf(isRight, className), "py-1")}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function placeOf(isRight: boolean | undefined, className: string | undefined): string {
  return classNames("px-2 first:pl-0 last:pr-0", isRight === true ? "text-right" : "text-left", className);
}

function columnsOf({ period, isCurrent, asOf }: TeamsState): Column[] {
  const asked = isCurrent ? null : period;
  const listed = (row: TeamRow, params: Record<string, string> = {}) =>
    `${withParams("/sprawl", { team: row.key, ...params, asOf })}#namespaces`;
  return [
    {
      header: "Team",
      sort: "name",
      cell: (row) => <Name row={row} href={withParams(teamHref(row.key, null), { period: asked, asOf })} />,
    },
    { header: "Cost", sort: "spend", isRight: true, cell: (row) => <Spend row={row} period={period} asOf={asOf} /> },
    {
      header: "Change",
      sort: null,
      isRight: true,
      className: "hidden md:table-cell",
      cell: ({ spend: [first] }) => (first === undefined ? null : <ChangeText change={first.change} />),
    },
    {
      header: "Course",
      sort: null,
      isRight: true,
      className: "hidden lg:table-cell w-24",
      cell: ({ spend: [first] }) => (first === undefined ? null : <Sparkline values={first.spark} />),
    },
    {
      header: "Budget",
      sort: null,
      isRight: true,
      className: "hidden md:table-cell",
      cell: (row) => <Budget row={row} />,
    },
    {
      header: "Namespaces",
      sort: "namespaces",
      isRight: true,
      cell: (row) =>
        row.namespaces === 0 ? (
          "0"
        ) : (
          <Link href={listed(row)} prefetch={false} className="way-down" title={exactWords(row.namespaceCosts)}>
            {formatCount(row.namespaces)}
          </Link>
        ),
    },
    {
      header: "Unused",
      sort: "unused",
      isRight: true,
      className: "hidden sm:table-cell",
      cell: (row) =>
        row.unused === 0 ? (
          "0"
        ) : (
          <Link href={withParams("/sprawl/unused", { team: row.key, asOf })} prefetch={false} className="way-down">
            {formatCount(row.unused)}
          </Link>
        ),
    },
    {
      header: "How well known",
      sort: "owned",
      className: "hidden lg:table-cell w-40",
      cell: (row) => <TeamStrength row={row} />,
    },
    {
      header: "Accounts",
      sort: "accounts",
      isRight: true,
      className: "hidden sm:table-cell",
      cell: (row) => formatCount(row.accounts),
    },
  ];
}

function Name({ row, href }: { row: TeamRow; href: string }) {
  const { name, businessUnitName, costCentre, isInDirectory } = row;
  const detail = [businessUnitName, costCentre].filter((text) => text !== "").join(" · ");
  return (
    <>
      <Link href={href} prefetch={false} className="way-down">
        {name}
      </Link>{" "}
      <span className="text-xs text-soft">{isInDirectory ? detail : "not in the directory of this month"}</span>
    </>
  );
}

function Spend({ row: { key, spend }, period, asOf }: { row: TeamRow; period: string; asOf: string | null }) {
  if (spend.length === 0) return <span className="text-soft">none</span>;
  return spend.map(({ currency, amount }) => (
    <Link
      key={currency}
      href={withParams("/spend", { period, by: "service", team: key, basis: "effective", asOf })}
      prefetch={false}
      className="way-down block whitespace-nowrap"
      title={formatExact(amount, currency)}
    >
      {formatAmount(amount, currency)} <span className="text-xs text-soft">{currency}</span>
    </Link>
  ));
}

function Budget({ row: { budgets } }: { row: TeamRow }) {
  if (budgets.length === 0) return <span className="text-soft">not set</span>;
  return budgets.map((budget) => (
    <span
      key={budget.currency}
      className={classNames("block whitespace-nowrap", budget.standing === "over" && "font-semibold text-wrong")}
      title={`${moneyWords([{ currency: budget.currency, amount: budget.spent }])} of ${moneyWords([budget])}`}
    >
      {budget.standing === "over" ? "over, " : ""}
      {budget.spentPercent === null ? "zero" : `${budget.spentPercent} %`}
    </span>
  ));
}
