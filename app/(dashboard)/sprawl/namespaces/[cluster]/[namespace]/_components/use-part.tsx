"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { formatInstant } from "#lib/domain/format.ts";
import type { ExemptionView, NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { SignList, VetoList } from "#app/(dashboard)/sprawl/_components/sign-list.tsx";
import { readable } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { StateMark } from "#app/(dashboard)/sprawl/_components/state-mark.tsx";
import {
  decisionWords,
  EndDecision,
} from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_components/owner-part.tsx";

const DecisionDialog = dynamic(
  () => import("#app/(dashboard)/sprawl/_components/decision-dialog.tsx").then((module) => module.DecisionDialog),
  { ssr: false },
);

type UsePartProps = { view: Pick<NamespaceView, "row" | "dormancy" | "exemptions" | "may" | "asOf" | "goneAt"> };

/** Whether anybody uses it: the verdict, every sign that it stands on, what speaks against it, and what would change it. */
export function UsePart({ view }: UsePartProps) {
  const { row, dormancy, exemptions, may, asOf, goneAt } = view;
  const [isOpen, setOpen] = useState(false);
  const canDecide = may.exempt && asOf === null && goneAt === null;
  return (
    <Part
      id="use"
      title="Whether it is used"
      of={
        dormancy === null
          ? undefined
          : `over ${dormancy.windowDays} days of our own observation, judged ${formatInstant(dormancy.judgedAt)}`
      }
    >
      <p className="mb-2">
        <StateMark {...row} />
      </p>
      {dormancy === null ? (
        <p className="text-soft">
          {asOf === null
            ? "No look could be judged yet."
            : "Of this instant only the verdict is kept, not the signs that it stood on."}
        </p>
      ) : (
        <div className="space-y-4">
          {asOf === null ? null : (
            <p className="text-soft">
              The signs as they were when it was first judged so, {formatInstant(dormancy.judgedAt)}.
            </p>
          )}
          <SignList signs={dormancy.signs} />
          <VetoList vetoes={dormancy.vetoes} />
          {dormancy.wouldChange.length === 0 ? null : (
            <div>
              <h3 className="text-xs font-medium text-soft">What would change the verdict</h3>
              <ul>
                {[...new Set(dormancy.wouldChange)].map((change) => (
                  <li key={change}>{readable(change)}</li>
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
      {canDecide ? (
        <Button className="mt-3" onClick={() => setOpen(true)}>
          Keep though unused…
        </Button>
      ) : null}
      {exemptions.length === 0 ? null : (
        <div className="mt-4">
          <h3 className="text-xs font-medium text-soft">Kept by people</h3>
          <ul className="divide-y divide-line">
            {exemptions.map((exemption) => (
              <Exemption key={exemption.id} exemption={exemption} canEnd={canDecide} />
            ))}
          </ul>
        </div>
      )}
      {isOpen ? (
        <DecisionDialog
          decision="exempt"
          namespaces={[row]}
          onClose={() => setOpen(false)}
          onDone={() => setOpen(false)}
        />
      ) : null}
    </Part>
  );
}

function Exemption({ exemption, canEnd }: { exemption: ExemptionView; canEnd: boolean }) {
  const { id, reason, isActive, isAnnotation } = exemption;
  return (
    <li className="flex items-start gap-3 py-2">
      <div className={isActive ? "min-w-0 flex-1" : "min-w-0 flex-1 text-soft"}>
        <p>“{reason}”</p>
        <p className="text-xs text-soft">
          {isAnnotation ? "Written on the namespace itself, and ended there" : decisionWords(exemption)}
        </p>
      </div>
      {canEnd && isActive && !isAnnotation ? <EndDecision kind="exemptions" id={id} what="this exemption" /> : null}
    </li>
  );
}
