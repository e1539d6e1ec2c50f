"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Combobox, type ComboboxOption } from "#app/_components/ui/combobox.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useExemptNamespaces, useOverruleOwner } from "#app/_queries/namespaces.ts";
import { useTeams } from "#app/_queries/rules.ts";
import type { Decision } from "#app/(dashboard)/sprawl/_components/decision-bar.tsx";
import { namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const NAMED = 6;
const LEAST_REASON = 3;

type DecisionDialogProps = {
  decision: Decision;
  namespaces: readonly { clusterKey: string; uid: string; name: string }[];
  onClose: () => void;
  onDone: () => void;
};

const WORDS = {
  overrule: {
    title: (what: string) => `Overrule the owner of ${what}`,
    consequence: "The team chosen here owns it whatever is claimed, until the decision ends. The claims stay in sight.",
    save: "Overrule",
    done: "have a new owner",
  },
  exempt: {
    title: (what: string) => `Keep ${what} though unused`,
    consequence: "It is not listed as unused and never proposed for clean-up, until the decision ends.",
    save: "Keep",
    done: "are kept",
  },
} as const;

/** A decision about one or many namespaces: to whom, why, and until when. It stands in the log with who took it. */
export function DecisionDialog({ decision, namespaces, onClose, onDone }: DecisionDialogProps) {
  const words = WORDS[decision];
  const [only] = namespaces;
  const router = useRouter();
  const [team, setTeam] = useState<ComboboxOption | null>(null);
  const [reason, setReason] = useState("");
  const [last, setLast] = useState("");
  const overrule = useOverruleOwner();
  const exempt = useExemptNamespaces();
  const saving = decision === "overrule" ? overrule : exempt;
  const isComplete = reason.trim().length >= LEAST_REASON && (decision === "exempt" || team !== null);

  function save(): void {
    const input = {
      namespaces: namespaces.map(({ clusterKey, uid }) => ({ clusterKey, uid })),
      reason: reason.trim(),
      until: last === "" ? null : endOf(last),
    };
    const onSuccess = ({ namespaces: count }: { namespaces: number }): void => {
      tell({ title: `${namespacesWords(count)} ${words.done}.`, detail: reason.trim() });
      router.refresh();
      onDone();
    };
    if (decision === "exempt") exempt.mutate(input, { onSuccess });
    else if (team !== null) overrule.mutate({ ...input, teamKey: team.value }, { onSuccess });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title(only === undefined || namespaces.length > 1 ? namespacesWords(namespaces.length) : only.name)}
      description={words.consequence}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || saving.isPending} onClick={save}>
            {words.save}
          </Button>
        </>
      }
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) save();
        }}
      >
        {namespaces.length > 1 ? <Named namespaces={namespaces} /> : null}
        {decision === "overrule" ? <TeamField team={team} onTeam={setTeam} /> : null}
        <Field label="Reason" help="Say why, for those who come later.">
          <TextInput value={reason} onChange={(event) => setReason(event.target.value)} required maxLength={1000} />
        </Field>
        <Field label="Until" help="The last day that it counts, in UTC. Empty = until somebody ends it.">
          <TextInput type="date" value={last} onChange={(event) => setLast(event.target.value)} className="max-w-44" />
        </Field>
        {saving.error === null ? null : <ErrorState error={errorViewOf(saving.error)} />}
        <button type="submit" hidden>
          {words.save}
        </button>
      </form>
    </Dialog>
  );
}

/** The end of a day, as the API takes it: half-open, so that the day itself still counts. */
function endOf(lastDay: string): string {
  const end = new Date(`${lastDay}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + 1);
  return end.toISOString();
}

function Named({ namespaces }: Pick<DecisionDialogProps, "namespaces">) {
  return (
    <p className="text-soft">
      {namespaces
        .slice(0, NAMED)
        .map(({ name, clusterKey }) => `${name} (${clusterKey})`)
        .join(", ")}
      {namespaces.length > NAMED ? ` and ${namespaces.length - NAMED} more` : ""}
    </p>
  );
}

function TeamField({ team, onTeam }: { team: ComboboxOption | null; onTeam: (team: ComboboxOption | null) => void }) {
  const teams = useTeams();
  const options = (teams.data ?? []).map(({ key, name, businessUnitName }) => ({
    value: key,
    label: name,
    detail: businessUnitName,
  }));
  return (
    <div>
      <p className="mb-1 text-xs font-medium text-soft">Team</p>
      <Combobox label="Team" placeholder="Find team" options={options} value={team} onChange={onTeam} />
      {teams.error === null ? null : <ErrorState error={errorViewOf(teams.error)} />}
    </div>
  );
}
