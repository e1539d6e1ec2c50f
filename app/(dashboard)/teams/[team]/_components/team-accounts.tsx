import Link from "next/link";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import type { TeamPageView } from "#lib/services/teams/team-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { OwnerChip } from "#app/_components/owner-chip.tsx";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { countWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";

const SHOWN = 15;

type TeamAccountsProps = { view: TeamPageView; period: string; asOf: string | null };

/** The accounts that are the team's, with why, and what each spends in whole, whoever else has a share of it. */
export function TeamAccounts({ view, period, asOf }: TeamAccountsProps) {
  const { accounts, spend } = view;
  const currency = spend.sections.length === 1 ? spend.sections[0]?.currency : undefined;
  return (
    <Part id="accounts" title={countWords(accounts.length, "account")} of={periodWords(period)} isLong>
      {accounts.length === 0 ? (
        <p className="text-soft">No account leads to this team.</p>
      ) : (
        <PlainTable
          caption="Its accounts"
          rows={accounts}
          rowKey={({ provider, accountId, amount }) => `${provider} ${accountId} ${amount}`}
          shown={SHOWN}
          columns={[
            {
              header: "Account",
              cell: ({ accountId, name }) => (
                <>
                  <Link
                    href={withParams("/spend/accounts", { period, find: accountId, asOf })}
                    prefetch={false}
                    className="way-down"
                  >
                    {name || accountId}
                  </Link>{" "}
                  {name === accountId ? null : <span className="text-xs break-all text-soft">{accountId}</span>}
                </>
              ),
            },
            {
              header: "Owner",
              cell: ({ owner, name, accountId }) => <OwnerChip owner={owner} of={name || accountId} />,
              className: "hidden sm:table-cell",
            },
            {
              header: currency ?? "Amount",
              isRight: true,
              cell: ({ amount, accountId }) => (
                <Link
                  href={withParams("/spend", { period, by: "service", subAccount: accountId, asOf })}
                  prefetch={false}
                  className="way-down"
                  title={formatExact(amount, currency)}
                >
                  {formatAmount(amount, currency)}
                </Link>
              ),
            },
            {
              header: "Change",
              isRight: true,
              cell: ({ change }) => <ChangeText change={change} />,
              className: "hidden md:table-cell",
            },
            {
              header: "Course",
              isRight: true,
              cell: ({ spark }) => <Sparkline values={spark} />,
              className: "hidden lg:table-cell w-24",
            },
          ]}
        />
      )}
    </Part>
  );
}
