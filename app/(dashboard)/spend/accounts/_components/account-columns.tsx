import Link from "next/link";
import { compareText } from "#lib/charts/compare-text.ts";
import { sharePercent } from "#lib/domain/change.ts";
import { formatAmount, formatDay, formatExact } from "#lib/domain/format.ts";
import { decimal, type Amount } from "#lib/domain/money.ts";
import { dayOf } from "#lib/domain/period.ts";
import { isAccount, standingOf } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { OwnerChip } from "#app/_components/owner-chip.tsx";
import type { TableColumn } from "#app/_components/ui/data-table.tsx";
import { ageWords } from "#app/(dashboard)/spend/accounts/account-words.ts";
import { StateMark } from "#app/(dashboard)/spend/accounts/_components/account-marks.tsx";
import type { AccountsTableProps } from "#app/(dashboard)/spend/accounts/_components/accounts-table.tsx";

export type ColumnSettings = Pick<AccountsTableProps, "currency" | "total" | "hasComparison" | "today"> & {
  read: ReadonlySet<string>;
  spendHrefOf: (row: AccountRow) => string;
  onOpen: (row: AccountRow) => void;
};

/** The columns of an account, the same under its unit and in a list. */
export function accountColumns(settings: ColumnSettings): TableColumn<AccountRow>[] {
  const { currency, total, today, read, spendHrefOf } = settings;
  return [
    {
      id: "name",
      header: "Account",
      text: (row) => `${row.name} ${row.accountId}`,
      compare: (a, b) => compareText(a.name, b.name),
      cell: (row) => <AccountName row={row} {...settings} />,
      className: "min-w-48",
    },
    {
      id: "owner",
      header: "Owner",
      text: (row) => row.owner.team?.name ?? row.owner.strength,
      compare: (a, b) => compareText(a.owner.team?.name ?? "\uFFFF", b.owner.team?.name ?? "\uFFFF"),
      cell: (row) => (isAccount(row) ? <OwnerChip owner={row.owner} of={row.name} /> : null),
      className: "hidden sm:table-cell max-w-56",
    },
    {
      id: "state",
      header: "State",
      text: (row) => row.membership?.state ?? row.presence,
      compare: (a, b) => compareText(stateOrder(a), stateOrder(b)),
      cell: (row) => isAccount(row) && <StateMark row={row} standing={standingOf(row, read)} />,
      className: "hidden sm:table-cell whitespace-nowrap",
    },
    {
      id: "joined",
      header: "Joined",
      text: (row) => row.membership?.joinedAt ?? "",
      compare: (a, b) => compareText(a.membership?.joinedAt ?? "", b.membership?.joinedAt ?? ""),
      cell: (row) => <Joined joinedAt={row.membership?.joinedAt ?? null} today={today} />,
      className: "hidden xl:table-cell whitespace-nowrap",
    },
    {
      id: "amount",
      header: currency === "" ? "Amount" : currency,
      headerTitle: `Amount in ${currency}`,
      align: "right",
      text: (row) => row.amount,
      compare: (a, b) => decimal(a.amount).comparedTo(b.amount),
      cell: (row) =>
        row.presence === "organisation-only" ? (
          <span className="text-soft">no cost</span>
        ) : (
          <Link href={spendHrefOf(row)} prefetch={false} className="way-down">
            <AmountText amount={row.amount} currency={currency} />
          </Link>
        ),
      className: "whitespace-nowrap",
    },
    {
      id: "share",
      header: "Share %",
      align: "right",
      text: (row) => sharePercent(row.amount, total) ?? "",
      cell: (row) => <ShareBar percent={sharePercent(row.amount, total)} />,
      className: "hidden md:table-cell w-36",
    },
    ...(settings.hasComparison
      ? [
          {
            id: "change",
            header: "Change",
            align: "right" as const,
            text: (row: AccountRow) => row.change ?? "",
            compare: (a: AccountRow, b: AccountRow) => differenceOf(a).comparedTo(differenceOf(b)),
            cell: (row: AccountRow) =>
              row.presence === "organisation-only" ? null : <ChangeText change={row.change} />,
            className: "hidden md:table-cell",
          },
        ]
      : []),
    {
      id: "course",
      header: "Course",
      align: "right",
      text: (row) => row.spark.map((value) => value ?? "").join(" "),
      cell: (row) => <Sparkline values={row.spark} />,
      className: "hidden lg:table-cell w-24 print:table-cell",
    },
  ];
}

export function AmountText({ amount, currency }: { amount: Amount; currency: string }) {
  return <span title={`${formatExact(amount, currency)} ${currency}`}>{formatAmount(amount, currency)}</span>;
}

export function ShareBar({ percent }: { percent: string | null }) {
  const width = percent === null ? 0 : Math.max(0, Math.min(100, Number(percent.replace("−", "-"))));
  return (
    <span className="flex items-center justify-end gap-2">
      <span aria-hidden className="hidden h-1 flex-1 bg-hover xl:block">
        <span className="block h-full bg-part-direct" style={{ width: `${width}%` }} />
      </span>
      <span className="w-10">{percent ?? "–"}</span>
    </span>
  );
}

export function differenceOf({ amount, previous }: { amount: Amount; previous: Amount | null }) {
  return decimal(amount).minus(previous ?? "0");
}

function AccountName({ row, read, onOpen }: ColumnSettings & { row: AccountRow }) {
  if (!isAccount(row)) return <span className="text-soft">No account</span>;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => onOpen(row)}
        className="way-down min-h-6 text-left break-words"
      >
        {row.name || row.accountId}
      </button>{" "}
      {row.name === row.accountId ? null : (
        <span className="inline-block max-w-full text-xs break-all text-soft">{row.accountId}</span>
      )}
      {row.membership?.isManagement === true ? (
        <span className="ml-1.5 text-xs text-soft">management account</span>
      ) : null}
      <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs sm:hidden">
        <OwnerChip owner={row.owner} of={row.name} />
        <StateMark row={row} standing={standingOf(row, read)} />
      </span>
    </>
  );
}

function Joined({ joinedAt, today }: { joinedAt: string | null; today: string }) {
  if (joinedAt === null) return <span className="text-soft">–</span>;
  const joined = dayOf(new Date(joinedAt));
  return (
    <>
      {formatDay(joined)} <span className="text-xs text-soft">{ageWords(joined, today)}</span>
    </>
  );
}

/** What is not active comes first in ascending order, then what is in no organisation. */
function stateOrder({ membership, presence }: AccountRow): string {
  if (membership === null) return `1 ${presence}`;
  return `${membership.state === "ACTIVE" ? 2 : 0} ${membership.state}`;
}
