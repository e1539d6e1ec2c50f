"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { WaiverView } from "#lib/services/waivers/waiver-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useDecideWaiver } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";

/** Approves or refuses what somebody else asked for. It holds from the decision on. */
export function DecideWaiverDialog({ waiver, onClose }: { waiver: WaiverView; onClose: () => void }) {
  const router = useRouter();
  const [note, setNote] = useState("");
  const decide = useDecideWaiver();
  const { id, rule, scope, reason, requestedBy, endsAt } = waiver;

  function save(decision: "approved" | "refused"): void {
    decide.mutate(
      { id, decision, note: note.trim() === "" ? null : note.trim() },
      {
        onSuccess: () => {
          tell({
            title: decision === "approved" ? "The risk is accepted." : "The waiver is refused.",
            detail: rule.title,
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
      title={`Accept the risk: ${rule.title}?`}
      description={`For ${scope.name}, until ${formatDay(dayOf(new Date(Date.parse(endsAt) - 1)))}; asked by ${requestedBy}.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" disabled={decide.isPending} onClick={() => save("refused")}>
            Refuse
          </Button>
          <Button look="primary" disabled={decide.isPending} onClick={() => save("approved")}>
            Approve
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <p>{reason}</p>
        <Field label="Note" help="Stands beside the decision.">
          <TextInput value={note} onChange={(event) => setNote(event.target.value)} maxLength={1000} />
        </Field>
        {decide.error === null ? null : <ErrorState error={errorViewOf(decide.error)} />}
      </div>
    </Dialog>
  );
}
