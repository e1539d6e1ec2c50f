"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { SprawlGroup, SprawlView } from "#lib/services/sprawl/sprawl-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { TextInput } from "#app/_components/ui/field.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { SELECT_TRIGGER_CLASS } from "#app/_components/ui/select.tsx";
import { FacetValues } from "#app/(dashboard)/sprawl/_components/facet-values.tsx";
import {
  FACETS,
  hasFilters,
  sprawlHref,
  withFilters,
  type Facet,
  type SprawlState,
} from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { facetValueLabel } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { NO_SPRAWL_FILTERS } from "#lib/services/sprawl/sprawl-view.ts";

const FIND_AFTER_MS = 300;

type Groups = SprawlView["groups"];

type FacetLineProps = {
  state: SprawlState;
  /** What the filters leave, by each dimension; what the page does not know is read when it is asked for. */
  groups: Partial<Groups>;
  /** Dimensions that the page itself decides. */
  without?: readonly Facet["key"][];
  path: string;
};

/** What is shown, as chips that stand in the URL; each opens its values with their counts. */
export function FacetLine({ state, groups, without = [], path }: FacetLineProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const go = (filters: Partial<SprawlState>): void =>
    startTransition(() => router.push(sprawlHref(withFilters(state, filters), path), { scroll: false }));
  return (
    <div className="print:hidden">
      <div
        role="group"
        aria-label="Which namespaces"
        aria-busy={isPending}
        className="flex flex-wrap items-center gap-2"
      >
        <Find state={state} path={path} />
        {FACETS.filter(({ key }) => !without.includes(key)).map((facet) => (
          <FacetChip
            key={facet.key}
            facet={facet}
            state={state}
            groups={groups[facet.key] ?? null}
            path={path}
            onApply={(values) => go({ [facet.key]: values })}
          />
        ))}
        {hasFilters(state) ? (
          <Link
            href={sprawlHref(withFilters(state, NO_SPRAWL_FILTERS), path)}
            scroll={false}
            prefetch={false}
            className="link"
          >
            Show all
          </Link>
        ) : null}
      </div>
      <div aria-hidden className={classNames("mt-2 h-px w-full bg-line", isPending && "bg-accent")} />
      <span role="status" className="sr-only">
        {isPending ? "Reading the namespaces" : ""}
      </span>
    </div>
  );
}

type FacetChipProps = {
  facet: Facet;
  state: SprawlState;
  groups: SprawlGroup[] | null;
  path: string;
  onApply: (values: string[]) => void;
};

function FacetChip({ facet, state, groups, path, onApply }: FacetChipProps) {
  const [isOpen, setOpen] = useState(false);
  const chosen = state[facet.key];
  const [first] = chosen;
  const words =
    first === undefined
      ? "Any"
      : `${facetValueLabel(facet.key, first, groups?.find(({ key }) => key === first)?.label)}${chosen.length > 1 ? `, +${formatCount(chosen.length - 1)}` : ""}`;
  return (
    <span className="inline-flex">
      <Popover
        open={isOpen}
        onOpenChange={setOpen}
        label={`Filter on ${facet.label.toLowerCase()}`}
        className="w-72"
        trigger={
          <button
            type="button"
            className={classNames(SELECT_TRIGGER_CLASS, first !== undefined && "rounded-r-none border-accent")}
          >
            <span className="text-soft">{facet.label}</span>
            <span className="max-w-40 truncate">{words}</span>
          </button>
        }
      >
        <FacetValues
          facet={facet}
          state={state}
          groups={groups}
          path={path}
          onApply={(values) => {
            setOpen(false);
            onApply(values);
          }}
        />
      </Popover>
      {first === undefined ? null : (
        <Link
          href={sprawlHref(withFilters(state, { [facet.key]: [] }), path)}
          scroll={false}
          prefetch={false}
          aria-label={`Take the filter on ${facet.label.toLowerCase()} away`}
          className="inline-flex h-8 w-6 items-center justify-center rounded-r-md border border-l-0 border-accent text-soft hover:bg-hover hover:text-ink"
        >
          <X size={12} aria-hidden />
        </Link>
      )}
    </span>
  );
}

/** What is typed is looked for when typing rests; it takes the place of the URL, so that "back" leads to the page before. */
function Find({ state, path }: { state: SprawlState; path: string }) {
  const router = useRouter();
  const [text, setText] = useState(state.search);
  const [shownFor, setShownFor] = useState(state.search);
  // "Show all" and "back" empty the field as well.
  if (shownFor !== state.search) {
    setShownFor(state.search);
    if (text.trim() !== state.search) setText(state.search);
  }
  useEffect(() => {
    if (text.trim() === state.search) return undefined;
    const timer = setTimeout(
      () => router.replace(sprawlHref(withFilters(state, { search: text.trim() }), path), { scroll: false }),
      FIND_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [text, state, path, router]);
  return (
    <TextInput
      type="search"
      aria-label="Find namespace by name or uid"
      placeholder="Find namespace or uid"
      value={text}
      onChange={(event) => setText(event.target.value)}
      className="max-w-56"
    />
  );
}
