"use client";

import type { ReactNode } from "react";
import { isAccount } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";
import { accountKey } from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import { AmountText } from "#app/(dashboard)/spend/accounts/_components/account-columns.tsx";
import type { AccountsTableProps } from "#app/(dashboard)/spend/accounts/_components/accounts-table.tsx";
import { accountsWords } from "#app/(dashboard)/spend/accounts/account-words.ts";

type AccountsListProps = AccountsTableProps & { columns: TableColumn<AccountRow>[]; actions: ReactNode };

/** The accounts one below the other, the largest first. */
export function AccountsList(props: AccountsListProps) {
  const { rows, columns, currency, actions } = props;
  return (
    <DataTable
      caption={`Accounts, ${currency}`}
      columns={columns.map((column) => ({ ...column, total: totalCell(column.id, props) }))}
      rows={rows}
      rowKey={accountKey}
      sortBy={{ id: "amount", desc: true }}
      pageSize={50}
      actions={actions}
      hasTotal
    />
  );
}

function totalCell(id: string, { rows, shownTotal, currency }: AccountsTableProps) {
  if (id === "name") return accountsWords(rows.filter(isAccount).length);
  return id === "amount" ? <AmountText amount={shownTotal} currency={currency} /> : undefined;
}
