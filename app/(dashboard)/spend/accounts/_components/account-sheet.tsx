"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { percentChange, sharePercent } from "#lib/domain/change.ts";
import { formatAmount, formatDay, formatExact } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import { standingOf } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { ChangeText } from "#app/_components/change-text.tsx";
import { Sparkline } from "#app/_components/charts/sparkline.tsx";
import { OwnerEvidence } from "#app/_components/owner-chip.tsx";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import { ageWords, sinceWords } from "#app/(dashboard)/spend/accounts/account-words.ts";
import { accountSpendHref, accountTrailHref } from "#app/(dashboard)/spend/accounts/accounts-state.ts";
import { AccountEvents } from "#app/(dashboard)/spend/accounts/_components/account-events.tsx";
import { StateMark } from "#app/(dashboard)/spend/accounts/_components/account-marks.tsx";
import type { AccountsTableProps } from "#app/(dashboard)/spend/accounts/_components/accounts-table.tsx";

type AccountSheetProps = AccountsTableProps & {
  row: AccountRow;
  readProviders: ReadonlySet<string>;
  onClose: () => void;
};

/** Everything that is known of one account: what it spends, whose it is and why, and what its organisation says. */
export function AccountSheet(props: AccountSheetProps) {
  const { row, onClose, canReadTrail } = props;
  const hasCost = row.presence !== "organisation-only";
  return (
    <Dialog
      open
      place="side"
      width="w-[min(36rem,100vw)]"
      onClose={onClose}
      title={row.name || row.accountId}
      description={[row.provider, row.accountId, row.membership?.unitNames.join(" / ") ?? ""]
        .filter((part) => part !== "")
        .join(" · ")}
      footer={hasCost || canReadTrail ? <Ways {...props} /> : undefined}
    >
      {/* On a small screen it scrolls, and has to do so by keyboard as well. */}
      <div role="region" aria-label={`What is known of ${row.name}`} tabIndex={0} className="space-y-6">
        <Spend {...props} />
        <Part title="Whose it is">
          <OwnerEvidence owner={row.owner} />
        </Part>
        <Membership {...props} />
        {canReadTrail ? (
          <Part title="What was done in it">
            <AccountEvents accountId={row.accountId} />
          </Part>
        ) : null}
      </div>
    </Dialog>
  );
}

function Ways({ row, state, canReadTrail }: AccountSheetProps) {
  return (
    <>
      {canReadTrail ? (
        <Link href={accountTrailHref(row.accountId)} prefetch={false} className={buttonClass()}>
          What happened in it
        </Link>
      ) : null}
      {row.presence === "organisation-only" ? null : (
        <>
          <Link href={accountSpendHref(state, row.accountId, "items")} prefetch={false} className={buttonClass()}>
            Its line items
          </Link>
          <Link href={accountSpendHref(state, row.accountId)} prefetch={false} className={buttonClass("primary")}>
            What it spends on
          </Link>
        </>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 border-b border-line-strong pb-1">{title}</h3>
      {children}
    </section>
  );
}

function Spend({ row, state, currency, total, hasComparison }: AccountSheetProps) {
  const share = sharePercent(row.amount, total);
  return (
    <Part title={`What it spends, ${periodWords(state.spend.period)}`}>
      {row.presence === "organisation-only" ? (
        <p>No cost in this period.</p>
      ) : (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <p>
            <span className="text-figure font-semibold tracking-tight" title={formatExact(row.amount, currency)}>
              {formatAmount(row.amount, currency)}
            </span>{" "}
            <span className="text-soft">
              {currency} {state.spend.basis}
            </span>
          </p>
          <Sparkline values={row.spark} />
          <p className="text-soft">
            {share === null ? null : `${share} % of all`}
            {hasComparison && row.previous !== null ? (
              <>
                {" · "}
                <ChangeText change={percentChange(row.amount, row.previous)} className="text-ink" /> against{" "}
                <span title={formatExact(row.previous, currency)}>{formatAmount(row.previous, currency)}</span>
              </>
            ) : null}
          </p>
        </div>
      )}
    </Part>
  );
}

function Membership({ row, readProviders, today }: AccountSheetProps) {
  const { membership } = row;
  const standing = standingOf(row, readProviders);
  if (membership === null) {
    return (
      <Part title="In the organisation">
        <p className="mb-1">
          <StateMark row={row} standing={standing} />
        </p>
        <p className="text-soft">
          {standing === "not-read"
            ? `No organisation of ${row.provider || "its provider"} is read, so that only its cost is known.`
            : "It has cost, but the organisation that was read does not list it: it has left, was never a member, or belongs to another organisation."}
        </p>
      </Part>
    );
  }
  const { joinedAt, joinedMethod, mail, delegatedServices, unitNames, isManagement } = membership;
  const joined = joinedAt === null ? null : dayOf(new Date(joinedAt));
  return (
    <Part title="In the organisation">
      <dl className="grid grid-cols-[8rem_1fr] gap-x-4 gap-y-1.5">
        <Fact name="State">
          <StateMark row={row} standing={standing} hasSince={false} />{" "}
          <span className="text-soft">{sinceWords(membership)}</span>
        </Fact>
        <Fact name="Joined">
          {joined === null ? (
            <span className="text-soft">not told</span>
          ) : (
            <>
              {formatDay(joined)}{" "}
              <span className="text-soft">
                {ageWords(joined, today)} ago{joinedMethod === null ? "" : `, ${joinedMethod.toLowerCase()}`}
              </span>
            </>
          )}
        </Fact>
        <Fact name="Unit">{unitNames.join(" / ")}</Fact>
        {isManagement ? <Fact name="Role">Management account, which pays for the organisation</Fact> : null}
        {mail === "" ? null : (
          <Fact name="Mail">
            <span className="break-all">{mail}</span>
          </Fact>
        )}
        <Fact name="Administers">
          {delegatedServices === null ? (
            <span className="text-soft">may not be read</span>
          ) : (
            delegatedServices.join(", ") || <span className="text-soft">nothing for the others</span>
          )}
        </Fact>
        <Fact name="Tags">
          <Tags tags={membership.tags} />
        </Fact>
      </dl>
    </Part>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Tags({ tags }: { tags: Record<string, string> | null }) {
  if (tags === null) return <span className="text-soft">may not be read</span>;
  const entries = Object.entries(tags);
  if (entries.length === 0) return <span className="text-soft">none</span>;
  return (
    <ul className="space-y-0.5">
      {entries.map(([key, value]) => (
        <li key={key} className="break-all">
          <span className="text-soft">{key}</span> {value}
        </li>
      ))}
    </ul>
  );
}
