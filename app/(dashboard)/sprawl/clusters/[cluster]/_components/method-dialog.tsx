"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, INPUT_CLASS, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useSaveClusterMethod } from "#app/_queries/clusters.ts";
import { METHOD_LABELS, METHOD_MEANINGS } from "#app/(dashboard)/sprawl/method-words.ts";

const METHODS = ["opencost", "aws-split-cost", "requests"] as const;
const IDLE = [
  { value: "separate", label: "Kept apart" },
  { value: "by-use", label: "Spread by use" },
  { value: "owner", label: "The cluster's owner carries it" },
] as const;
const HOW = [
  { value: "by-use", label: "By use" },
  { value: "even", label: "Evenly" },
  { value: "weights", label: "By fixed weights" },
] as const;

type MethodDialogProps = { clusterKey: string; current: ClusterMethodView; onClose: () => void };

/** How a cluster's bill shall be split from a day on. Days of closed periods stay as they are. */
export function MethodDialog({ clusterKey, current, onClose }: MethodDialogProps) {
  const router = useRouter();
  const [method, setMethod] = useState(current.method);
  const [idle, setIdle] = useState(current.idle);
  const [idlePer, setIdlePer] = useState(current.idlePer);
  const [names, setNames] = useState(current.shared.names.join(", "));
  const [how, setHow] = useState(howOf(current));
  const [weights, setWeights] = useState(weightsOf(current));
  const [validFrom, setValidFrom] = useState("");
  const save = useSaveClusterMethod(clusterKey);
  const submit = (): void => {
    const shared = { names: valuesOf(names), how: how === "weights" ? { weights: parseWeights(weights) } : how };
    save.mutate(
      { method, idle, idlePer, shared, validFrom: validFrom === "" ? null : validFrom },
      {
        onSuccess: () => {
          tell({ title: "Saved.", detail: "The open periods are split again in the background." });
          router.refresh();
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`How the bill of ${clusterKey} is split`}
      description="The open periods are split again. Days of closed periods stay as they are."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={save.isPending} onClick={submit}>
            Save
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Field label="Method" help={METHOD_MEANINGS[method]}>
          <Choice
            value={method}
            options={METHODS.map((value) => ({ value, label: METHOD_LABELS[value] }))}
            onChange={setMethod}
          />
        </Field>
        <Field label="Idle capacity">
          <Choice value={idle} options={IDLE} onChange={setIdle} />
        </Field>
        {idle === "by-use" ? (
          <Field label="Spread among those on the same">
            <Choice
              value={idlePer}
              options={[
                { value: "node", label: "Node" },
                { value: "cluster", label: "Cluster" },
              ]}
              onChange={setIdlePer}
            />
          </Field>
        ) : null}
        <Field label="Shared namespaces" help="Apart by commas; * stands for any characters. Empty = none.">
          <TextInput value={names} onChange={(event) => setNames(event.target.value)} />
        </Field>
        <Field label="Carried by the others">
          <Choice value={how} options={HOW} onChange={setHow} />
        </Field>
        {how === "weights" ? (
          <Field label="Weights" help="As claims=2, billing=1: relative, by namespace.">
            <TextInput value={weights} onChange={(event) => setWeights(event.target.value)} />
          </Field>
        ) : null}
        <Field label="From" help="The first day that it counts for, in UTC. Empty = from the beginning.">
          <TextInput
            type="date"
            value={validFrom}
            onChange={(event) => setValidFrom(event.target.value)}
            className="max-w-44"
          />
        </Field>
        {save.error === null ? null : <ErrorState error={errorViewOf(save.error)} />}
      </div>
    </Dialog>
  );
}

type ChoiceProps<Value extends string> = {
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
};

/** The browser's own list: it stands in a form, where its label is the field's. */
function Choice<Value extends string>({ value, options, onChange }: ChoiceProps<Value>) {
  return (
    <select
      className={INPUT_CLASS}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value);
        if (chosen !== undefined) onChange(chosen.value);
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

function howOf({ shared }: ClusterMethodView): (typeof HOW)[number]["value"] {
  return typeof shared.how === "string" ? shared.how : "weights";
}

function weightsOf({ shared }: ClusterMethodView): string {
  if (typeof shared.how === "string") return "";
  return Object.entries(shared.how.weights)
    .map(([name, weight]) => `${name}=${weight}`)
    .join(", ");
}

function valuesOf(text: string): string[] {
  return text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** What cannot be read as name=weight is sent as it is: the answer names what is wrong with it. */
function parseWeights(text: string): Record<string, string> {
  return Object.fromEntries(
    valuesOf(text).map((part) => {
      const [name = part, weight = ""] = part.split("=").map((side) => side.trim());
      return [name, weight];
    }),
  );
}
