"use client";

import dynamic from "next/dynamic";
import { useSearchParams } from "next/navigation";
import { useMemo } from "react";
import type { Amount } from "#lib/domain/money.ts";
import type { AccountRow, UnitNode } from "#lib/services/accounts/accounts-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import {
  ACCOUNT_PARAMETER,
  accountKey,
  accountsHref,
  accountSpendHref,
  type AccountsState,
} from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import { accountColumns } from "#app/(dashboard)/spend/accounts/_components/account-columns.tsx";
import { UnitTree } from "#app/(dashboard)/spend/accounts/_components/unit-tree.tsx";

// The tree is what most look at; the list with its sorting and paging is fetched when somebody chooses it.
const AccountsList = dynamic(() =>
  import("#app/(dashboard)/spend/accounts/_components/accounts-list.tsx").then((module) => module.AccountsList),
);
const AccountSheet = dynamic(
  () => import("#app/(dashboard)/spend/accounts/_components/account-sheet.tsx").then((module) => module.AccountSheet),
  { ssr: false },
);

export type AccountsTableProps = {
  state: AccountsState;
  rows: AccountRow[];
  units: UnitNode[];
  /** The providers of which an organisation was read. */
  read: string[];
  /** "" where nothing has any cost. */
  currency: string;
  /** Of all accounts of the section, shown or not: what shares are of. */
  total: Amount;
  /** Of the shown ones. */
  shownTotal: Amount;
  hasComparison: boolean;
  today: string;
  canExport: boolean;
  /** Whether the reader may read trails. */
  canReadTrail: boolean;
};

/** The accounts under their units or as a list, and the sheet of the one that is open. */
export function AccountsTable(props: AccountsTableProps) {
  const { state, rows } = props;
  const read = useMemo(() => new Set(props.read), [props.read]);
  const open = useSearchParams().get(ACCOUNT_PARAMETER);
  const opened = open === null ? undefined : rows.find((row) => accountKey(row) === open);
  const columns = useMemo(
    () =>
      accountColumns({
        ...props,
        read,
        spendHrefOf: (row) => accountSpendHref(props.state, row.accountId),
        onOpen: (row) => showAccount(props.state, accountKey(row)),
      }),
    [props, read],
  );
  const actions = <ExportLinks {...props} />;
  return (
    <>
      {state.look === "units" ? (
        <UnitTree {...props} columns={columns} readProviders={read} actions={actions} />
      ) : (
        <AccountsList {...props} columns={columns} actions={actions} />
      )}
      {opened === undefined ? null : (
        <AccountSheet {...props} row={opened} readProviders={read} onClose={() => showAccount(state, null)} />
      )}
    </>
  );
}

/** The sheet stands in the URL, and everything in it is already here: the server is not asked again. */
function showAccount(state: AccountsState, account: string | null): void {
  window.history.pushState(null, "", accountsHref({ ...state, account }));
}

function ExportLinks({ state, canExport }: AccountsTableProps) {
  if (!canExport) return null;
  const href = accountsHref({ ...state, account: null }, "/api/v1/accounts/export");
  return (
    <>
      <a href={`${href}&format=csv`} download className={buttonClass("plain", "small")}>
        Export CSV
      </a>
      <a href={`${href}&format=xlsx`} download className={buttonClass("plain", "small")}>
        Export XLSX
      </a>
    </>
  );
}
