import type { AccountStanding, OwnerFilter } from "#lib/services/accounts/account-filters.ts";
import type { AccountRow } from "#lib/services/accounts/accounts-view.ts";
import { formatCount, formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";

export const STANDING_LABELS: Record<AccountStanding, string> = {
  both: "In both",
  "cost-only": "Cost, not in the organisation",
  "organisation-only": "In the organisation, no cost",
  "not-read": "No organisation read",
};

export const OWNER_FILTER_LABELS: Record<OwnerFilter, string> = {
  known: "Known",
  nobody: "Nobody",
  explicit: "Explicit",
  derived: "Derived",
  weak: "Weak",
  contested: "Contested",
  none: "No claim",
};

/** "1 account", "1 204 accounts". */
export function accountsWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "account" : "accounts"}`;
}

/** "PENDING_CLOSURE" as people write it: "Pending closure". */
export function stateWords(state: string): string {
  const words = state.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Since when an account is in its state, as far as anybody looked: the first look cannot tell what was before it. */
export function sinceWords({ stateSeenAt, isFirstLook }: NonNullable<AccountRow["membership"]>): string {
  const seen = formatDay(dayOf(new Date(stateSeenAt)));
  return isFirstLook ? `since ${seen} or before` : `since ${seen}`;
}

/** The whole months from one day to another as "7 y 3 mo", "5 mo", "under a month". */
export function ageWords(from: string, today: string): string {
  const months =
    (Number(today.slice(0, 4)) - Number(from.slice(0, 4))) * 12 +
    (Number(today.slice(5, 7)) - Number(from.slice(5, 7))) -
    (today.slice(8, 10) < from.slice(8, 10) ? 1 : 0);
  if (months < 1) return "under a month";
  const years = Math.floor(months / 12);
  return [years > 0 ? `${years} y` : "", months % 12 > 0 ? `${months % 12} mo` : ""]
    .filter((part) => part !== "")
    .join(" ");
}
