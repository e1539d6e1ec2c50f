"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { LONGEST_DAYS } from "#lib/domain/posture/waiver.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useRequestWaiver } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import type { ScopeChoice } from "#app/(dashboard)/compliance/_components/ask-waiver.tsx";
import { endOfDay } from "#app/(dashboard)/compliance/end-of-day.ts";

const LEAST_REASON = 3;

type AskWaiverDialogProps = { ruleKey: string; scopes: readonly ScopeChoice[]; onClose: () => void };

/** For what, why, and until when. Somebody else decides; until then nothing is waived. */
export function AskWaiverDialog({ ruleKey, scopes, onClose }: AskWaiverDialogProps) {
  const router = useRouter();
  const [chosen, setChosen] = useState(0);
  const [reason, setReason] = useState("");
  const [last, setLast] = useState("");
  const ask = useRequestWaiver();
  const scope = scopes[chosen];
  const isComplete = scope !== undefined && reason.trim().length >= LEAST_REASON && last !== "";

  function save(): void {
    if (scope === undefined) return;
    ask.mutate(
      { ruleKey, scope: { kind: scope.kind, key: scope.key }, reason: reason.trim(), endsAt: endOfDay(last) },
      {
        onSuccess: () => {
          tell({
            title: "The waiver waits for a decision.",
            detail: "Until somebody else approves it, nothing is waived.",
          });
          router.refresh();
          onClose();
        },
      },
    );
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="Ask for a waiver"
      description={`${ruleKey}. A waived failure stays a failure in every count and report; it is shown as accepted until its day.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || ask.isPending} onClick={save}>
            Ask
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-soft">For</legend>
          {scopes.map(({ kind, key, label }, index) => (
            <label key={`${kind} ${key}`} className="flex min-h-7 items-center gap-2">
              <input type="radio" name="scope" checked={index === chosen} onChange={() => setChosen(index)} />
              <span className="break-all">{label}</span>
            </label>
          ))}
        </fieldset>
        <Field label="Reason" help="Why the risk is accepted, and what is done meanwhile.">
          <TextInput value={reason} onChange={(event) => setReason(event.target.value)} required maxLength={1000} />
        </Field>
        <Field label="Until" help={`The last day that it holds, in UTC; at most ${LONGEST_DAYS} days from now.`}>
          <TextInput
            type="date"
            value={last}
            onChange={(event) => setLast(event.target.value)}
            required
            className="max-w-44"
          />
        </Field>
        {ask.error === null ? null : <ErrorState error={errorViewOf(ask.error)} />}
      </div>
    </Dialog>
  );
}
