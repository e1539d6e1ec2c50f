import { Ban, Pause, Unlink } from "lucide-react";
import { decimal } from "#lib/domain/money.ts";
import { isInactive, type AccountStanding } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { sinceWords, stateWords } from "#app/(dashboard)/spend/accounts/account-words.ts";

const BADGE = "inline-flex items-center gap-1 rounded-md border px-1 text-xs whitespace-nowrap";

type StateMarkProps = {
  row: AccountRow;
  standing: AccountStanding;
  /** False where it is told beside the mark anyway. */
  hasSince?: boolean;
};

/**
 * What the organisation says of an account: a word alone where all is well, otherwise a frame with a sign of its own. Amber is
 * for what contradicts itself: an account that is closed and costs, or costs and is not a member.
 */
export function StateMark({ row, standing, hasSince = true }: StateMarkProps) {
  const { membership } = row;
  if (membership === null) {
    return standing === "not-read" ? (
      <span className="text-xs text-soft">not read</span>
    ) : (
      <span className={classNames(BADGE, "border-dashed border-warn font-medium text-warn")}>
        <Unlink size={12} aria-hidden /> Not in the organisation
      </span>
    );
  }
  if (!isInactive(row)) return <span title={sinceWords(membership)}>{stateWords(membership.state)}</span>;
  const Icon = membership.state === "SUSPENDED" ? Pause : Ban;
  const stillCosts = !decimal(row.amount).isZero();
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
      <span className={classNames(BADGE, "font-medium", stillCosts ? "border-warn text-warn" : "border-line-strong")}>
        <Icon size={12} aria-hidden className="self-center" /> {stateWords(membership.state)}
        {stillCosts ? ", still costs" : ""}
      </span>
      {hasSince ? <span className="text-xs text-soft">{sinceWords(membership)}</span> : null}
    </span>
  );
}
