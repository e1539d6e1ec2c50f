"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { TextInput } from "#app/_components/ui/field.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { SELECT_TRIGGER_CLASS } from "#app/_components/ui/select.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { usePostureOptions } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import {
  complianceHref,
  hasPostureFilters,
  NO_FACETS,
  POSTURE_FACETS,
  type ComplianceState,
  type PostureFacet,
} from "#app/(dashboard)/compliance/compliance-state.ts";

/** More than these at once are found by typing. */
const SHOWN = 60;

type PostureFiltersProps = {
  state: ComplianceState;
  path: string;
  /** What else the page's address holds and keeps. */
  others?: Record<string, string | null>;
  /** Names of chosen values, as far as the page knows them. */
  labels?: Record<string, string>;
};

/** Which teams, units, accounts, clusters and environments, as chips that stand in the URL. */
export function PostureFilters({ state, path, others = {}, labels = {} }: PostureFiltersProps) {
  const href = (filters: ComplianceState["filters"]): string =>
    complianceHref({ ...state, filters }, path, { ...others, row: null });
  return (
    <div role="group" aria-label="Whose resources" className="flex flex-wrap items-center gap-2 print:hidden">
      {POSTURE_FACETS.map((facet) => (
        <FacetChip key={facet.key} facet={facet} state={state} hrefOf={href} labels={labels} />
      ))}
      {hasPostureFilters(state) ? (
        <Link href={href(NO_FACETS)} scroll={false} prefetch={false} className="link">
          Show all
        </Link>
      ) : null}
    </div>
  );
}

type FacetChipProps = {
  facet: PostureFacet;
  state: ComplianceState;
  hrefOf: (filters: ComplianceState["filters"]) => string;
  labels: Record<string, string>;
};

function FacetChip({ facet, state, hrefOf, labels }: FacetChipProps) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [wasOpened, setOpened] = useState(false);
  const chosen = state.filters[facet.key];
  const [first] = chosen;
  const words =
    first === undefined
      ? "Any"
      : `${first === "" ? "Nobody's" : (labels[first] ?? first)}${chosen.length > 1 ? `, +${chosen.length - 1}` : ""}`;
  return (
    <span className="inline-flex">
      <Popover
        open={isOpen}
        onOpenChange={(next) => {
          setOpen(next);
          if (next) setOpened(true);
        }}
        label={`Narrow by ${facet.label.toLowerCase()}`}
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
          chosen={chosen}
          asOf={state.asOf}
          isEnabled={wasOpened}
          onApply={(values) => {
            setOpen(false);
            router.push(hrefOf({ ...state.filters, [facet.key]: values }), { scroll: false });
          }}
        />
      </Popover>
      {first === undefined ? null : (
        <Link
          href={hrefOf({ ...state.filters, [facet.key]: [] })}
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

type FacetValuesProps = {
  facet: PostureFacet;
  chosen: readonly string[];
  asOf: string | null;
  isEnabled: boolean;
  onApply: (values: string[]) => void;
};

function FacetValues({ facet, chosen, asOf, isEnabled, onApply }: FacetValuesProps) {
  const [picked, setPicked] = useState<readonly string[]>(chosen);
  const [find, setFind] = useState("");
  const options = usePostureOptions(facet.name, asOf, isEnabled);
  if (options.error !== null) return <ErrorState error={errorViewOf(options.error)} />;
  if (options.data === undefined) return <Skeleton className="h-32 w-full" />;
  const wanted = find.trim().toLowerCase();
  const matching = options.data.filter(({ key, label }) => `${label} ${key}`.toLowerCase().includes(wanted));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onApply([...picked]);
      }}
    >
      <TextInput
        type="search"
        aria-label={`Find ${facet.label.toLowerCase()}`}
        placeholder={`Find ${facet.label.toLowerCase()}`}
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      <ul className="my-2 max-h-64 overflow-y-auto">
        {matching.slice(0, SHOWN).map(({ key, label }) => (
          <li key={key}>
            <label className="flex min-h-7 items-center gap-2 px-1 hover:bg-hover">
              <input
                type="checkbox"
                checked={picked.includes(key)}
                onChange={(event) =>
                  setPicked(event.target.checked ? [...picked, key] : picked.filter((one) => one !== key))
                }
              />
              <span className="truncate">{key === "" ? "Nobody's" : label}</span>
            </label>
          </li>
        ))}
      </ul>
      {matching.length > SHOWN ? (
        <p className="mb-2 text-xs text-soft">{matching.length - SHOWN} more; type part of the name.</p>
      ) : null}
      {matching.length === 0 ? <p className="mb-2 text-xs text-soft">Nothing has this name.</p> : null}
      <Button type="submit" look="primary" size="small">
        Apply
      </Button>
    </form>
  );
}
