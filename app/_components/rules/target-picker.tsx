"use client";

import type { RuleTarget } from "#lib/domain/allocation/rule.ts";
import { usePools, useTeams } from "#app/_queries/rules.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { Combobox } from "#app/_components/ui/combobox.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";

export type TargetDraft = { kind: RuleTarget["kind"]; key: string | null; tagKeys: string };

/** Who gets the cost: a team, a shared pool, or whoever a tag names. */
export function TargetPicker({
  target,
  onChange,
  kinds,
}: {
  target: TargetDraft;
  onChange: (target: TargetDraft) => void;
  kinds: readonly RuleTarget["kind"][];
}) {
  const teams = useTeams();
  const pools = usePools();
  const labels = { team: "A team", pool: "A shared pool", "tag-value": "The team that a tag names" };
  const options =
    target.kind === "team"
      ? (teams.data ?? []).map((team) => ({ value: team.key, label: team.name, detail: team.businessUnitName }))
      : (pools.data ?? []).map((pool) => ({ value: pool.key, label: pool.name, detail: pool.method }));
  const error = teams.error ?? pools.error;
  return (
    <div className="space-y-2">
      <Segmented
        label="Give it to"
        value={target.kind}
        options={kinds.map((value) => ({ value, label: labels[value] }))}
        onChange={(kind) => onChange({ ...target, kind, key: null })}
      />
      {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      {target.kind === "tag-value" ? (
        <TextInput
          aria-label="Tag keys, the first that is there counts"
          placeholder="team, owner"
          value={target.tagKeys}
          onChange={(event) => onChange({ ...target, tagKeys: event.target.value })}
        />
      ) : (
        <Combobox
          key={target.kind}
          label={target.kind === "team" ? "Team" : "Pool"}
          placeholder={target.kind === "team" ? "Find team" : "Find pool"}
          options={options}
          value={options.find(({ value }) => value === target.key) ?? null}
          onChange={(option) => onChange({ ...target, key: option?.value ?? null })}
        />
      )}
    </div>
  );
}

/** The draft as a rule holds it; null while nothing is chosen. */
export function toTarget(draft: TargetDraft, aliases?: Record<string, string>): RuleTarget | null {
  if (draft.kind === "tag-value") {
    const keys = toValues(draft.tagKeys);
    return keys.length === 0 ? null : { kind: "tag-value", keys, aliases };
  }
  if (draft.key === null) return null;
  return draft.kind === "team" ? { kind: "team", team: draft.key } : { kind: "pool", pool: draft.key };
}

/** Values as they are typed, apart by commas or lines. */
export function toValues(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,\n]/)
        .map((value) => value.trim())
        .filter((value) => value !== ""),
    ),
  ];
}
