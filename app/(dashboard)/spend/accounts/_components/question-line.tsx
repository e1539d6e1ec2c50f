"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { COST_BASES } from "#lib/domain/money.ts";
import { Select } from "#app/_components/ui/select.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { PeriodPicker } from "#app/(dashboard)/spend/_components/period-picker.tsx";
import { BASIS_LABELS, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";
import { accountsHref, type AccountsState } from "#app/(dashboard)/spend/accounts/accounts-state.ts";

type QuestionLineProps = { state: AccountsState; reportingCurrency: string | null };

/** What the figures are of: period, basis, comparison, currency. The page keeps what it shows until the answer is there. */
export function QuestionLine({ state, reportingCurrency }: QuestionLineProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const { spend } = state;
  const go = (changed: Partial<SpendState>): void =>
    startTransition(() =>
      router.push(accountsHref({ ...state, spend: { ...spend, ...changed }, account: null }), { scroll: false }),
    );
  return (
    <div className="mt-3">
      <div role="group" aria-label="Question" className="flex flex-wrap items-center gap-2 print:hidden">
        <PeriodPicker period={spend.period} onChange={(period) => go({ period })} />
        <Select
          label="Basis"
          value={spend.basis}
          options={COST_BASES.map((value) => ({ value, label: BASIS_LABELS[value] }))}
          onChange={(basis) => go({ basis })}
        />
        <Select
          label="Against"
          value={spend.compare}
          options={[
            { value: "previous", label: "Period before" },
            { value: "year", label: "A year ago" },
            { value: "none", label: "Nothing" },
          ]}
          onChange={(compare) => go({ compare })}
        />
        {reportingCurrency === null ? null : (
          <Select
            label="Currency"
            value={spend.currency ?? "each"}
            options={[
              { value: "each", label: "Each by itself" },
              { value: reportingCurrency, label: `All in ${reportingCurrency}` },
            ]}
            onChange={(currency) => go({ currency: currency === "each" ? null : currency })}
          />
        )}
      </div>
      <div aria-hidden className={classNames("mt-2 h-px w-full bg-line", isPending && "bg-accent")} />
      <span role="status" className="sr-only">
        {isPending ? "Reading the figures" : ""}
      </span>
    </div>
  );
}
