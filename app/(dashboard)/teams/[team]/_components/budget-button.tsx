"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import type { BudgetDialogProps } from "#app/(dashboard)/teams/[team]/_components/budget-dialog.tsx";

const BudgetDialog = dynamic(
  () => import("#app/(dashboard)/teams/[team]/_components/budget-dialog.tsx").then((module) => module.BudgetDialog),
  { ssr: false },
);

export function BudgetButton(props: Omit<BudgetDialogProps, "onClose">) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        {props.budgets.length === 0 ? "Set a budget…" : "Change the budget…"}
      </Button>
      {isOpen ? <BudgetDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
