"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, INPUT_CLASS, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useSetBudget } from "#app/_queries/budgets.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";

export type BudgetDialogProps = {
  teamKey: string;
  teamName: string;
  /** The month that is shown. */
  period: string;
  currencies: readonly string[];
  budgets: readonly { currency: string; amount: string }[];
  onClose: () => void;
};

/** What the team means to spend a month, from a month on. An empty amount ends the budget. */
export function BudgetDialog({ teamKey, teamName, period, currencies, budgets, onClose }: BudgetDialogProps) {
  const router = useRouter();
  const amountIn = (wanted: string) => budgets.find(({ currency }) => currency === wanted)?.amount ?? "";
  const [currency, setCurrency] = useState(currencies[0] ?? "");
  const [amount, setAmount] = useState(amountIn(currency));
  const [from, setFrom] = useState(period);
  const save = useSetBudget(teamKey);
  const isEnded = amount.trim() === "";
  const submit = (): void =>
    save.mutate(
      { currency, amount: isEnded ? null : amount.trim(), from },
      {
        onSuccess: () => {
          tell({ title: isEnded ? "The budget has ended." : "The budget is set.", detail: `From ${from} on.` });
          router.refresh();
          onClose();
        },
      },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={`The budget of ${teamName}`}
      description="A month's effective cost. Earlier months keep the budgets that they had."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={save.isPending || (isEnded && amountIn(currency) === "")} onClick={submit}>
            {isEnded && amountIn(currency) !== "" ? "End the budget" : "Set"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Field label="Currency">
          <select
            className={INPUT_CLASS}
            value={currency}
            onChange={(event) => {
              setCurrency(event.target.value);
              setAmount(amountIn(event.target.value));
            }}
          >
            {currencies.map((option) => (
              <option key={option} value={option}>
                {option}
              </option>
            ))}
          </select>
        </Field>
        <Field label="A month" help="As 12500 or 12500.50. Empty = no budget from that month on.">
          <TextInput inputMode="decimal" value={amount} onChange={(event) => setAmount(event.target.value)} />
        </Field>
        <Field label="From" help="The first month that it is for.">
          <TextInput type="month" value={from} onChange={(event) => setFrom(event.target.value)} className="max-w-44" />
        </Field>
        {save.error === null ? null : <ErrorState error={errorViewOf(save.error)} />}
      </div>
    </Dialog>
  );
}
