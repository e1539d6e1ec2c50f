"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatInstant } from "#lib/domain/format.ts";
import type { NamespaceView, OverrideView } from "#lib/services/namespaces/namespace-view.ts";
import { OwnerEvidence } from "#app/_components/owner-chip.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useEndDecision } from "#app/_queries/namespaces.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";

const DecisionDialog = dynamic(
  () => import("#app/(dashboard)/sprawl/_components/decision-dialog.tsx").then((module) => module.DecisionDialog),
  { ssr: false },
);

type OwnerPartProps = { view: Pick<NamespaceView, "row" | "owner" | "overrides" | "may" | "asOf" | "goneAt"> };

/** Every claim on it in order, which one won and why, and what people decided about it. */
export function OwnerPart({ view }: OwnerPartProps) {
  const { row, owner, overrides, may, asOf, goneAt } = view;
  const [isOpen, setOpen] = useState(false);
  const canDecide = may.overrule && asOf === null && goneAt === null;
  return (
    <Part id="owner" title="Whose it is" of="and why">
      <OwnerEvidence owner={owner} />
      {canDecide ? (
        <Button className="mt-3" onClick={() => setOpen(true)}>
          Overrule owner…
        </Button>
      ) : null}
      {overrides.length === 0 ? null : (
        <div className="mt-4">
          <h3 className="text-xs font-medium text-soft">Decided by people</h3>
          <ul className="divide-y divide-line">
            {overrides.map((override) => (
              <Override key={override.id} override={override} canEnd={canDecide} />
            ))}
          </ul>
        </div>
      )}
      {isOpen ? (
        <DecisionDialog
          decision="overrule"
          namespaces={[row]}
          onClose={() => setOpen(false)}
          onDone={() => setOpen(false)}
        />
      ) : null}
    </Part>
  );
}

function Override({ override, canEnd }: { override: OverrideView; canEnd: boolean }) {
  const { id, team, reason, until, by, at, endedAt, endedBy, isActive } = override;
  return (
    <li className="flex items-start gap-3 py-2">
      <div className={isActive ? "min-w-0 flex-1" : "min-w-0 flex-1 text-soft"}>
        <p>
          {team.name}: “{reason}”
        </p>
        <p className="text-xs text-soft">{decisionWords({ by, at, until, endedAt, endedBy })}</p>
      </div>
      {canEnd && isActive ? <EndDecision kind="overrules" id={id} what="this decision" /> : null}
    </li>
  );
}

/** Who decided when, until when, and who ended it. */
export function decisionWords(decision: Pick<OverrideView, "by" | "at" | "until" | "endedAt" | "endedBy">): string {
  const { by, at, until, endedAt, endedBy } = decision;
  const end =
    endedAt === null
      ? until === null
        ? "until somebody ends it"
        : `until ${formatInstant(until)}`
      : `ended ${formatInstant(endedAt)}${endedBy === null ? "" : ` by ${endedBy}`}`;
  return `${by}, ${formatInstant(at)} · ${end}`;
}

type EndDecisionProps = { kind: "overrules" | "exemptions"; id: number; what: string };

/** Ends a decision; the page then shows what counts without it. */
export function EndDecision({ kind, id, what }: EndDecisionProps) {
  const router = useRouter();
  const end = useEndDecision(kind);
  return (
    <div className="shrink-0">
      <Button
        size="small"
        disabled={end.isPending}
        aria-label={`End ${what}`}
        onClick={() => end.mutate(id, { onSuccess: () => router.refresh() })}
      >
        End
      </Button>
      {end.error === null ? null : <ErrorState error={errorViewOf(end.error)} />}
    </div>
  );
}
