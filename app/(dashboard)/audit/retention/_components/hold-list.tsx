"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { HeldCount, HoldView } from "#lib/services/trail/retention/retention-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useLiftHold } from "#app/_queries/trail.ts";

/** Holds with what they are about, who placed them and how they ended. */
export function HoldList({ holds, isCut, mayHold }: { holds: HoldView[]; isCut: boolean; mayHold: boolean }) {
  const [lifting, setLifting] = useState<HoldView | null>(null);
  if (holds.length === 0) return <p className="text-soft">Nothing is held.</p>;
  return (
    <>
      <ul aria-label="Legal holds" className="border-t border-line">
        {holds.map((hold) => (
          <li
            key={hold.id}
            className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 border-b border-line py-2"
          >
            <div className="min-w-0">
              <p className="wrap-anywhere">
                <span className={hold.state === "holds" ? "font-medium" : "text-soft"}>{STATES[hold.state]}</span>:{" "}
                {scopeWords(hold)}
                {hold.events === null ? null : (
                  <span className={hold.events.count === 0 ? "text-warn" : "text-soft"}>
                    {" "}
                    · {heldWords(hold.events)}
                  </span>
                )}
              </p>
              <p className="text-xs wrap-anywhere text-soft">
                hold {hold.id} · {hold.reason} · placed by {hold.placedBy}, {formatInstant(hold.placedAt)}
                {hold.until === null ? "" : ` · until ${formatInstant(hold.until)}`}
                {hold.liftedAt === null
                  ? ""
                  : ` · lifted by ${hold.liftedBy ?? "nobody known"}, ${formatInstant(hold.liftedAt)}: ${hold.liftReason ?? ""}`}
              </p>
            </div>
            {mayHold && hold.state === "holds" ? (
              <Button size="small" onClick={() => setLifting(hold)} aria-label={`Lift hold ${hold.id}`}>
                Lift
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {isCut ? <p className="mt-2 text-xs text-soft">Older holds that have ended are not listed.</p> : null}
      {lifting === null ? null : <LiftDialog hold={lifting} onClose={() => setLifting(null)} />}
    </>
  );
}

const STATES: Record<HoldView["state"], string> = { holds: "Held", ended: "Ended", lifted: "Lifted" };

function heldWords({ count, isAtLeast }: HeldCount): string {
  if (count === 0) return "no event yet";
  if (isAtLeast) return `${formatCount(count)} events or more`;
  return count === 1 ? "1 event" : `${formatCount(count)} events`;
}

function scopeWords({ person, accountId, clusterKey, namespace, sourceKey, from, to }: HoldView): string {
  const parts = [
    person === null ? null : `what ${person} did`,
    accountId === null ? null : `in account ${accountId}`,
    clusterKey === null ? null : `in cluster ${clusterKey}`,
    namespace === null ? null : `in namespace ${namespace}`,
    sourceKey === null ? null : `from source ${sourceKey}`,
    from === null ? null : `since ${formatInstant(from)}`,
    to === null ? null : `before ${formatInstant(to)}`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}

function LiftDialog({ hold, onClose }: { hold: HoldView; onClose: () => void }) {
  const router = useRouter();
  const [reason, setReason] = useState("");
  const lift = useLiftHold();
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Lift hold ${hold.id}?`}
      description={`${scopeWords(hold)}. What is kept only because of it is dropped within the hour, and does not come back.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="danger"
            disabled={lift.isPending || reason.trim().length < 3}
            onClick={() =>
              lift.mutate(
                { id: hold.id, reason: reason.trim() },
                {
                  onSuccess: () => {
                    tell({ title: "The hold is lifted." });
                    router.refresh();
                    onClose();
                  },
                },
              )
            }
          >
            Lift it
          </Button>
        </>
      }
    >
      <Field label="Why" help="Stands beside the hold and in the log.">
        <TextInput value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} />
      </Field>
      {lift.error === null ? null : <ErrorState error={errorViewOf(lift.error)} />}
    </Dialog>
  );
}
