"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import { ACCOUNT_STANDINGS, OWNER_FILTERS, type AccountFilters } from "#lib/services/accounts/account-filters.ts";
import type { SpendDimension } from "#lib/services/spend/spend-view.ts";
import { TextInput } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { dimensionLabel, withFilter } from "#app/(dashboard)/spend/spend-state.ts";
import { OWNER_FILTER_LABELS, STANDING_LABELS, stateWords } from "#app/(dashboard)/spend/accounts/account-words.ts";
import {
  accountsHref,
  hasFilters,
  NO_FILTERS,
  withAccountFilters,
  type AccountsState,
} from "#app/(dashboard)/spend/accounts/accounts-state.ts";

const FIND_AFTER_MS = 300;
const ANY = "any";

type AccountFilterLineProps = {
  state: AccountsState;
  /** Every place in the tree, by the key that filters to it. */
  units: { key: string; label: string }[];
  /** The states that accounts are in, as the provider writes them. */
  states: string[];
};

/** Which accounts are shown. Each change is a new URL. */
export function AccountFilterLine({ state, units, states }: AccountFilterLineProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const go = (filters: Partial<AccountFilters>): void =>
    startTransition(() => router.push(accountsHref(withAccountFilters(state, filters)), { scroll: false }));
  const { unit, state: wanted, presence, owner } = state.filters;
  return (
    <div
      role="group"
      aria-label="Which accounts"
      aria-busy={isPending}
      className="flex flex-wrap items-center gap-2 print:hidden"
    >
      <Find state={state} />
      <Select
        label="Unit"
        value={unit ?? ANY}
        options={[{ value: ANY, label: "Any" }, ...units.map(({ key, label }) => ({ value: key, label }))]}
        onChange={(value) => go({ unit: value === ANY ? null : value })}
      />
      <Select
        label="State"
        value={wanted ?? ANY}
        options={[
          { value: ANY, label: "Any" },
          { value: "inactive", label: "Suspended or closed" },
          ...states.map((one) => ({ value: one.toLowerCase(), label: stateWords(one) })),
        ]}
        onChange={(value) => go({ state: value === ANY ? null : value })}
      />
      <Select
        label="Known from"
        value={presence ?? ANY}
        options={[
          { value: ANY, label: "Any" },
          ...ACCOUNT_STANDINGS.map((value) => ({ value, label: STANDING_LABELS[value] })),
        ]}
        onChange={(value) => go({ presence: value === ANY ? null : value })}
      />
      <Select
        label="Owner"
        value={owner ?? ANY}
        options={[
          { value: ANY, label: "Any" },
          ...OWNER_FILTERS.map((value) => ({ value, label: OWNER_FILTER_LABELS[value] })),
        ]}
        onChange={(value) => go({ owner: value === ANY ? null : value })}
      />
      <BroughtAlong state={state} />
      {hasFilters(state) ? (
        <Link href={accountsHref({ ...state, filters: NO_FILTERS })} scroll={false} prefetch={false} className="link">
          Show all
        </Link>
      ) : null}
    </div>
  );
}

/** What is typed is looked for when typing rests; it takes the place of the URL, so that "back" leads to the page before. */
function Find({ state }: { state: AccountsState }) {
  const router = useRouter();
  const [text, setText] = useState(state.filters.find);
  useEffect(() => {
    if (text.trim() === state.filters.find) return undefined;
    const timer = setTimeout(
      () => router.replace(accountsHref(withAccountFilters(state, { find: text.trim() })), { scroll: false }),
      FIND_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [text, state, router]);
  return (
    <TextInput
      type="search"
      aria-label="Find account, id, mail or owner"
      placeholder="Find account, id, mail or owner"
      value={text}
      onChange={(event) => setText(event.target.value)}
      className="max-w-64"
    />
  );
}

/** Filters on cost that a link from /spend brought along. */
function BroughtAlong({ state }: { state: AccountsState }) {
  const dimensions = (Object.keys(state.spend.filters) as SpendDimension[]).toSorted();
  return dimensions.map((dimension) => (
    <span
      key={dimension}
      className="inline-flex h-6 items-center rounded-md border border-line-strong bg-sunk pl-2 text-xs"
    >
      <span className="text-soft">{dimensionLabel(dimension)}</span>&nbsp;
      {(state.spend.filters[dimension] ?? []).map((value) => value || "none").join(", ")}
      <Link
        href={accountsHref({ ...state, spend: withFilter(state.spend, dimension, []) })}
        scroll={false}
        prefetch={false}
        aria-label={`Take the filter on ${dimensionLabel(dimension).toLowerCase()} away`}
        className="inline-flex size-6 items-center justify-center text-soft hover:text-ink"
      >
        <X size={12} aria-hidden />
      </Link>
    </span>
  ));
}
