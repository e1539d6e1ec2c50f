"use client";

import { Plus, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { COST_BASES } from "#lib/domain/money.ts";
import { SPEND_DIMENSIONS, type SpendDimension } from "#lib/services/spend/spend-view.ts";
import type { SpendSettings } from "#lib/services/spend/read-spend-settings.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { PeriodPicker } from "#app/(dashboard)/spend/_components/period-picker.tsx";
import { useSpendOptions } from "#app/_queries/spend-options.ts";
import {
  BASIS_LABELS,
  dimensionLabel,
  emptyValueLabel,
  KIND_LABELS,
  spendHref,
  withFilter,
  type SpendState,
} from "#app/(dashboard)/spend/spend-state.ts";

const FilterValues = dynamic(
  () => import("#app/(dashboard)/spend/_components/filter-values.tsx").then((module) => module.FilterValues),
  { ssr: false },
);

type FilterLineProps = { state: SpendState; settings: SpendSettings; isMember: boolean };

/** The question as chips. Each change is a new URL; the page keeps what it shows until the answer is there. */
export function FilterLine({ state, settings, isMember }: FilterLineProps) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const go = (next: SpendState): void => startTransition(() => router.push(spendHref(next), { scroll: false }));
  const dimensions: SpendDimension[] = [
    ...SPEND_DIMENSIONS,
    ...settings.tagKeys.map((key): SpendDimension => `tag:${key}`),
  ];

  return (
    <div className="mt-3">
      <div role="group" aria-label="Question" className="flex flex-wrap items-center gap-2 print:hidden">
        <PeriodPicker period={state.period} onChange={(period) => go({ ...state, period })} />
        <Select
          label="Basis"
          value={state.basis}
          options={COST_BASES.map((value) => ({ value, label: BASIS_LABELS[value] }))}
          onChange={(basis) => go({ ...state, basis })}
        />
        <Select
          label="By"
          value={state.groupBy}
          options={dimensions.map((value) => ({ value, label: dimensionLabel(value) }))}
          onChange={(groupBy) => go({ ...state, groupBy })}
        />
        <Select
          label="Against"
          value={state.compare}
          options={[
            { value: "previous", label: "Period before" },
            { value: "year", label: "A year ago" },
            { value: "none", label: "Nothing" },
          ]}
          onChange={(compare) => go({ ...state, compare })}
        />
        <Select
          label="Each"
          value={state.granularity ?? "auto"}
          options={[
            { value: "auto", label: "Day or month" },
            { value: "day", label: "Day" },
            { value: "month", label: "Month" },
          ]}
          onChange={(grain) => go({ ...state, granularity: grain === "auto" ? null : grain })}
        />
        {settings.reportingCurrency === null ? null : (
          <Select
            label="Currency"
            value={state.currency ?? "each"}
            options={[
              { value: "each", label: "Each by itself" },
              { value: settings.reportingCurrency, label: `All in ${settings.reportingCurrency}` },
            ]}
            onChange={(currency) => go({ ...state, currency: currency === "each" ? null : currency })}
          />
        )}
      </div>
      <FilterChips
        state={state}
        dimensions={isMember ? dimensions.filter((dimension) => dimension !== "team") : dimensions}
        go={go}
      />
      <div aria-hidden className={classNames("mt-2 h-px w-full bg-line", isPending && "bg-accent")} />
      <span role="status" className="sr-only">
        {isPending ? "Reading the figures" : ""}
      </span>
    </div>
  );
}

function FilterChips({
  state,
  dimensions,
  go,
}: {
  state: SpendState;
  dimensions: SpendDimension[];
  go: (state: SpendState) => void;
}) {
  const filtered = (Object.keys(state.filters) as SpendDimension[]).toSorted();
  return (
    <ul aria-label="Filters" className="mt-2 flex flex-wrap items-center gap-2 text-xs">
      {filtered.map((dimension) => (
        <FilterChip key={dimension} dimension={dimension} state={state} go={go} />
      ))}
      {state.kinds.length === 0 ? null : (
        <li className="inline-flex h-6 items-center rounded-md border border-line-strong bg-sunk pl-2 print:border-0 print:pl-0">
          <span className="text-soft">How</span>&nbsp;{state.kinds.map((kind) => KIND_LABELS[kind]).join(", ")}
          <RemoveButton
            label="Take the filter on how cost reached its owner away"
            onClick={() => go({ ...state, kinds: [] })}
          />
        </li>
      )}
      <li className="print:hidden">
        <AddFilter state={state} dimensions={dimensions.filter((dimension) => !filtered.includes(dimension))} go={go} />
      </li>
    </ul>
  );
}

function FilterChip({
  dimension,
  state,
  go,
}: {
  dimension: SpendDimension;
  state: SpendState;
  go: (state: SpendState) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const values = state.filters[dimension] ?? [];
  const options = useSpendOptions({ dimension, period: state.period, asOf: state.asOf });
  const labels = values.map(
    (value) =>
      options.data?.find(({ key }) => key === value)?.label ?? (value === "" ? emptyValueLabel(dimension) : value),
  );
  return (
    <li className="inline-flex h-6 items-center rounded-md border border-line-strong bg-sunk print:border-0">
      <Popover
        open={isOpen}
        onOpenChange={setOpen}
        label={`Filter on ${dimensionLabel(dimension).toLowerCase()}`}
        className="w-72"
        trigger={
          <button type="button" className="inline-flex h-full max-w-80 items-center gap-1 pl-2 hover:text-accent">
            <span className="text-soft">{dimensionLabel(dimension)}</span>
            <span className="truncate">{labels.length > 2 ? `${labels.length} chosen` : labels.join(", ")}</span>
          </button>
        }
      >
        <FilterValues
          dimension={dimension}
          state={state}
          onApply={(chosen) => {
            setOpen(false);
            go(withFilter(state, dimension, chosen));
          }}
        />
      </Popover>
      <RemoveButton
        label={`Take the filter on ${dimensionLabel(dimension).toLowerCase()} away`}
        onClick={() => go(withFilter(state, dimension, []))}
      />
    </li>
  );
}

function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="inline-flex size-6 items-center justify-center text-soft hover:text-ink print:hidden"
    >
      <X size={12} aria-hidden />
    </button>
  );
}

function AddFilter({
  state,
  dimensions,
  go,
}: {
  state: SpendState;
  dimensions: SpendDimension[];
  go: (state: SpendState) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [dimension, setDimension] = useState<SpendDimension | null>(null);
  return (
    <Popover
      open={isOpen}
      onOpenChange={(next) => {
        setOpen(next);
        setDimension(null);
      }}
      label="Add a filter"
      className="w-72"
      trigger={
        <Button look="quiet" size="small">
          <Plus size={12} aria-hidden /> Filter
        </Button>
      }
    >
      {dimension === null ? (
        <ul className="py-1">
          {dimensions.map((one) => (
            <li key={one}>
              <button
                type="button"
                onClick={() => setDimension(one)}
                className="flex h-8 w-full items-center px-3 text-left hover:bg-hover"
              >
                {dimensionLabel(one)}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <FilterValues
          dimension={dimension}
          state={state}
          onApply={(chosen) => {
            setOpen(false);
            go(withFilter(state, dimension, chosen));
          }}
        />
      )}
    </Popover>
  );
}
