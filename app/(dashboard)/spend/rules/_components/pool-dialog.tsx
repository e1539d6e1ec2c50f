"use client";

import { useState } from "react";
import type { PoolMethod, SharedPool } from "#lib/domain/allocation/rule.ts";
import type { PoolView } from "#lib/services/rules/rule-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useRemovePool, useSavePool, useTeams } from "#app/_queries/rules.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";

/** A shared pool, new or changed. */
export function PoolDialog({
  pool,
  onClose,
  onDone,
}: {
  pool: PoolView | null;
  onClose: () => void;
  onDone: (runIds: string[]) => void;
}) {
  const [name, setName] = useState(pool?.name ?? "");
  const [method, setMethod] = useState<PoolMethod>(pool?.method ?? "proportional");
  const [weights, setWeights] = useState<Record<string, string>>(pool?.weights ?? {});
  const save = useSavePool();
  const remove = useRemovePool();
  const draft: SharedPool = {
    key: pool?.key ?? toKey(name),
    name: name.trim(),
    method,
    weights: cleaned(weights, method),
  };
  const isComplete =
    draft.key !== "" && draft.name !== "" && (method !== "fixed" || Object.keys(draft.weights).length > 0);
  const error = save.error ?? remove.error;
  return (
    <Dialog
      open
      onClose={onClose}
      title={pool === null ? "New shared pool" : `Edit ${pool.name}`}
      footer={
        <>
          {pool === null ? null : (
            <Button
              look="danger"
              className="mr-auto"
              disabled={remove.isPending}
              onClick={() => remove.mutate(pool.key, { onSuccess: ({ runIds }) => onDone(runIds) })}
            >
              Remove
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={!isComplete || save.isPending}
            onClick={() => save.mutate(draft, { onSuccess: ({ runIds }) => onDone(runIds) })}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Field label="Name">
          <TextInput value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Segmented
          label="How it is split"
          value={method}
          options={[
            { value: "proportional", label: "By direct cost" },
            { value: "even", label: "Evenly" },
            { value: "fixed", label: "Fixed weights" },
          ]}
          onChange={setMethod}
        />
        <Members method={method} weights={weights} onChange={setWeights} />
        {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      </div>
    </Dialog>
  );
}

function Members({
  method,
  weights,
  onChange,
}: {
  method: PoolMethod;
  weights: Record<string, string>;
  onChange: (weights: Record<string, string>) => void;
}) {
  const teams = useTeams();
  const without = (key: string) => Object.fromEntries(Object.entries(weights).filter(([team]) => team !== key));
  return (
    <fieldset>
      <legend className="mb-1 text-xs text-soft">
        {method === "fixed"
          ? "Weight of each team; none = no share"
          : "Teams that share it; none chosen = every team of the period"}
      </legend>
      <div className="max-h-72 overflow-y-auto border-y border-line">
        {(teams.data ?? []).map((team) => (
          <label key={team.key} className="flex min-h-8 items-center gap-2 px-1 hover:bg-hover">
            {method === "fixed" ? null : (
              <input
                type="checkbox"
                className="accent-[var(--accent)]"
                checked={team.key in weights}
                onChange={(event) =>
                  onChange(event.target.checked ? { ...weights, [team.key]: "1" } : without(team.key))
                }
              />
            )}
            <span className="flex-1">
              {team.name} <span className="text-xs text-soft">{team.businessUnitName}</span>
            </span>
            {method === "fixed" ? (
              <TextInput
                aria-label={`Weight of ${team.name}`}
                inputMode="decimal"
                className="max-w-24 text-right"
                value={weights[team.key] ?? ""}
                onChange={(event) =>
                  onChange(
                    event.target.value === "" ? without(team.key) : { ...weights, [team.key]: event.target.value },
                  )
                }
              />
            ) : null}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function cleaned(weights: Record<string, string>, method: PoolMethod): Record<string, string> {
  return Object.fromEntries(
    Object.entries(weights).map(([team, weight]) => [team, method === "fixed" ? weight.trim() : "1"]),
  );
}

function toKey(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
