"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import type { NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import type { May } from "#app/(dashboard)/sprawl/_components/namespace-table.tsx";
import { namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const DecisionDialog = dynamic(
  () => import("#app/(dashboard)/sprawl/_components/decision-dialog.tsx").then((module) => module.DecisionDialog),
  { ssr: false },
);

export type Decision = "overrule" | "exempt";

/** How many are chosen, and what a platform lead may decide about all of them at once. */
export function DecisionBar({ rows, may, onDone }: { rows: NamespaceRow[]; may: May; onDone: () => void }) {
  const [open, setOpen] = useState<Decision | null>(null);
  if (rows.length === 0) return <p className="text-xs text-soft">Choose namespaces to decide about them together.</p>;
  return (
    <>
      <p role="status" className="text-xs font-medium">
        {namespacesWords(rows.length)} chosen
      </p>
      {may.overrule ? (
        <Button size="small" onClick={() => setOpen("overrule")}>
          Overrule owner…
        </Button>
      ) : null}
      {may.exempt ? (
        <Button size="small" onClick={() => setOpen("exempt")}>
          Keep though unused…
        </Button>
      ) : null}
      <Button size="small" look="quiet" onClick={onDone}>
        Choose none
      </Button>
      {open === null ? null : (
        <DecisionDialog
          decision={open}
          namespaces={rows}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            onDone();
          }}
        />
      )}
    </>
  );
}
