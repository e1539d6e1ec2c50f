"use client";

import { useState } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { SprawlGroup } from "#lib/services/sprawl/sprawl-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useSprawlGroups } from "#app/_queries/namespaces.ts";
import { sprawlHref, withFilters, type Facet, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { facetValueLabel } from "#app/(dashboard)/sprawl/sprawl-words.ts";

/** Values drawn at once; the rest is found by typing. */
const DRAWN = 100;

/** As few values are seen at a glance; more want a field to find them. */
const MOST_WITHOUT_FIND = 8;

type FacetValuesProps = {
  facet: Facet;
  state: SprawlState;
  groups: SprawlGroup[] | null;
  path: string;
  onApply: (values: string[]) => void;
};

/** The values of one filter with how many namespaces each has. Applied together, so that the page is read once. */
export function FacetValues({ facet, state, groups, path, onApply }: FacetValuesProps) {
  const [chosen, setChosen] = useState<readonly string[]>(state[facet.key]);
  const [text, setText] = useState("");
  // The page knows what its filters leave; what else there is to choose is asked without this one.
  const isAsked = groups === null || state[facet.key].length > 0;
  const others = useSprawlGroups(sprawlHref(withoutFacet(state, facet, path), "/api/v1/sprawl"), isAsked);
  const options = (isAsked ? others.data?.[facet.key] : groups) ?? groups ?? [];
  const matching = options
    .map(({ key, label, namespaces }) => ({ key, label: facetValueLabel(facet.key, key, label), namespaces }))
    .filter(({ key, label }) => `${label} ${key}`.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <form
      className="p-3"
      onSubmit={(event) => {
        event.preventDefault();
        onApply([...chosen]);
      }}
    >
      {options.length > MOST_WITHOUT_FIND ? (
        <TextInput
          autoFocus
          aria-label={`Find ${facet.label.toLowerCase()}`}
          placeholder={`Find ${facet.label.toLowerCase()}`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="mb-2"
        />
      ) : null}
      {isAsked && others.isPending ? <Skeleton className="mb-2 h-4 w-32" /> : null}
      {others.error === null ? null : <ErrorState error={errorViewOf(others.error)} />}
      <div role="group" aria-label={facet.label} className="max-h-72 overflow-y-auto">
        {matching.slice(0, DRAWN).map(({ key, label, namespaces }) => (
          <label key={key} className="flex min-h-7 items-center gap-2 px-1 hover:bg-hover">
            <input
              type="checkbox"
              className="accent-[var(--accent)]"
              checked={chosen.includes(key)}
              onChange={(event) =>
                setChosen(event.target.checked ? [...chosen, key] : chosen.filter((one) => one !== key))
              }
            />
            <span className="truncate">{label}</span>
            <span className="ml-auto text-right text-xs text-soft">{formatCount(namespaces)}</span>
          </label>
        ))}
        {matching.length === 0 && !(isAsked && others.isPending) ? (
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

function withoutFacet(state: SprawlState, facet: Facet, path: string): SprawlState {
  const states: SprawlState["states"] = state.withAsleep ? ["unused", "asleep"] : ["unused"];
  const asked = withFilters(state, { [facet.key]: [], withAsleep: false });
  return path === "/sprawl/unused" ? { ...asked, states } : asked;
}
