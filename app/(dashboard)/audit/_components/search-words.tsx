"use client";

import { Autocomplete } from "@base-ui/react/autocomplete";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { TermSuggestion } from "#lib/services/trail/search/suggest-terms.ts";
import { INPUT_CLASS } from "#app/_components/ui/field.tsx";
import { useTermSuggestions } from "#app/_queries/trail.ts";
import { auditHref, MOST_WORDS_CHARACTERS, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

const KINDS: Partial<Record<TermSuggestion["field"], { word: string; parameter: keyof AuditState }>> = {
  person: { word: "Person", parameter: "person" },
  accountId: { word: "Account", parameter: "account" },
  clusterKey: { word: "Cluster", parameter: "cluster" },
  namespace: { word: "Namespace", parameter: "namespace" },
  sourceKey: { word: "Source", parameter: "source" },
};

/** The words that are looked for. What the last one may mean is offered: a word completes it, anything else becomes a filter. */
export function SearchWords({ state, label }: { state: AuditState; label: string }) {
  const router = useRouter();
  const [text, setText] = useState(state.q ?? "");
  const { data: suggestions = [] } = useTermSuggestions(text);
  const choose = ({ field, value }: TermSuggestion) => {
    const kind = KINDS[field];
    if (kind) router.push(auditHref(state, { [kind.parameter]: value, q: withoutLast(text).trim() || null }));
  };
  return (
    <Autocomplete.Root
      items={suggestions}
      filter={null}
      value={text}
      onValueChange={setText}
      itemToStringValue={({ field, value }) => (field === "word" ? `${withoutLast(text)}${value} ` : withoutLast(text))}
    >
      <Autocomplete.Input
        type="search"
        name="q"
        maxLength={MOST_WORDS_CHARACTERS}
        aria-label={label}
        placeholder="delete namespaces claims"
        className={INPUT_CLASS}
      />
      <Autocomplete.Portal hidden={suggestions.length === 0}>
        <Autocomplete.Positioner sideOffset={4} align="start" className="z-50 outline-none">
          <Autocomplete.Popup className="w-[var(--anchor-width)] max-w-[var(--available-width)] rounded-md border border-line-strong bg-raised text-sm">
            <Autocomplete.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto py-1">
              {(suggestion: TermSuggestion) => (
                <Autocomplete.Item
                  key={`${suggestion.field} ${suggestion.value}`}
                  value={suggestion}
                  onClick={() => choose(suggestion)}
                  className="flex min-h-8 cursor-default items-baseline gap-3 px-2 py-1 outline-none data-highlighted:bg-hover"
                >
                  <span className="w-20 shrink-0 text-xs text-soft">{KINDS[suggestion.field]?.word ?? "Word"}</span>
                  <span className="min-w-0 grow truncate">{suggestion.label}</span>
                  <span className="shrink-0 text-xs text-soft tabular-nums">
                    {formatCount(suggestion.events)} in 90 days
                  </span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}

/** The text up to its last word, which is what is being typed. */
function withoutLast(text: string): string {
  return text.replace(/\S*$/, "");
}
