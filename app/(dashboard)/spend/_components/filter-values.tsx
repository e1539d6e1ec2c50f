"use client";

import { useState } from "react";
import type { SpendDimension } from "#lib/services/spend/spend-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useSpendOptions } from "#app/_queries/spend-options.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { dimensionLabel, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";

/** Values drawn at once; the rest is found by typing. */
const DRAWN = 100;

/** The values of one dimension to choose from. Applied together, so that the page is read once. */
export function FilterValues({
  dimension,
  state,
  onApply,
}: {
  dimension: SpendDimension;
  state: SpendState;
  onApply: (values: string[]) => void;
}) {
  const [chosen, setChosen] = useState<string[]>(state.filters[dimension] ?? []);
  const [text, setText] = useState("");
  const options = useSpendOptions({ dimension, period: state.period, asOf: state.asOf });
  const matching = (options.data ?? []).filter(({ label, detail, key }) =>
    `${label} ${detail ?? ""} ${key}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <form
      className="p-3"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(chosen);
      }}
    >
      <TextInput
        autoFocus
        aria-label={`Find ${dimensionLabel(dimension).toLowerCase()}`}
        placeholder={`Find ${dimensionLabel(dimension).toLowerCase()}`}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {options.isPending ? <Skeleton className="mt-2 h-32" /> : null}
      {options.error === null ? null : (
        <div className="mt-2">
          <ErrorState error={errorViewOf(options.error)} />
        </div>
      )}
      <div role="group" aria-label={dimensionLabel(dimension)} className="mt-2 max-h-64 overflow-y-auto">
        {matching.slice(0, DRAWN).map((option) => (
          <label key={option.key} className="flex min-h-7 items-center gap-2 px-1 hover:bg-hover">
            <input
              type="checkbox"
              className="accent-[var(--accent)]"
              checked={chosen.includes(option.key)}
              onChange={(event) =>
                setChosen(event.target.checked ? [...chosen, option.key] : chosen.filter((key) => key !== option.key))
              }
            />
            <span className="truncate">{option.label}</span>
            {option.detail === null ? null : (
              <span className="ml-auto truncate text-xs text-soft">{option.detail}</span>
            )}
          </label>
        ))}
        {options.data !== undefined && matching.length === 0 ? (
          <p className="px-1 py-2 text-soft">Nothing has this name.</p>
        ) : null}
        {matching.length > DRAWN ? (
          <p className="px-1 py-2 text-xs text-soft">{matching.length - DRAWN} more; type to find them.</p>
        ) : null}
      </div>
      <div className="mt-2 flex justify-end gap-2 border-t border-line pt-2">
        <Button onClick={() => setChosen([])} disabled={chosen.length === 0}>
          None
        </Button>
        <Button type="submit" look="primary">
          Apply
        </Button>
      </div>
    </form>
  );
}
