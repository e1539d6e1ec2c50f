"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { Select } from "#app/_components/ui/select.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { PeriodPicker } from "#app/(dashboard)/spend/_components/period-picker.tsx";
import { billHref, type BillState } from "#app/(dashboard)/sprawl/bill-state.ts";

type BillQuestionProps = {
  /** The page, with the parameters that stay. */
  path: string;
  state: BillState;
  /** The days that are shown, as the picker writes them. */
  shown: string;
};

/** What the costs are of: days and basis. The page keeps what it shows until the answer is there. */
export function BillQuestion({ path, state, shown }: BillQuestionProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const go = (changed: Partial<BillState>): void =>
    startTransition(() => router.push(billHref(path, { ...state, ...changed }), { scroll: false }));
  return (
    <div
      role="group"
      aria-label="Question"
      aria-busy={isPending}
      className="flex flex-wrap items-center gap-2 print:hidden"
    >
      <PeriodPicker key={shown} period={shown} onChange={(period) => go({ period })} />
      <Select
        label="Basis"
        value={state.basis}
        options={[
          { value: "effective", label: "Effective" },
          { value: "billed", label: "Billed" },
        ]}
        onChange={(basis) => go({ basis })}
      />
      <span role="status" className={classNames("text-xs text-soft", !isPending && "sr-only")}>
        {isPending ? "Reading the figures" : ""}
      </span>
    </div>
  );
}
