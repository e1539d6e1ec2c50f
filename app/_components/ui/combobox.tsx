"use client";

import { Combobox as Base } from "@base-ui/react/combobox";
import { INPUT_CLASS } from "#app/_components/ui/field.tsx";

export type ComboboxOption = { value: string; label: string; detail: string | null };

export type ComboboxProps = {
  label: string;
  value: ComboboxOption | null;
  options: readonly ComboboxOption[];
  placeholder?: string;
  onChange: (option: ComboboxOption | null) => void;
};

/** One of many known values, found by typing part of its name. */
export function Combobox({ label, value, options, placeholder, onChange }: ComboboxProps) {
  return (
    <Base.Root
      items={options}
      value={value}
      onValueChange={onChange}
      itemToStringLabel={(option: ComboboxOption) => option.label}
      isItemEqualToValue={(item: ComboboxOption, chosen: ComboboxOption) => item.value === chosen.value}
    >
      <Base.Input aria-label={label} placeholder={placeholder} className={INPUT_CLASS} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup className="w-[var(--anchor-width)] max-w-[var(--available-width)] rounded-md border border-line-strong bg-raised text-sm">
            <Base.Empty>
              <div className="px-2 py-2 text-soft">Nothing has this name.</div>
            </Base.Empty>
            <Base.List className="max-h-[min(18rem,var(--available-height))] overflow-y-auto py-1 data-empty:p-0">
              {(option: ComboboxOption) => (
                <Base.Item
                  key={option.value}
                  value={option}
                  className="flex min-h-8 cursor-default items-baseline justify-between gap-3 px-2 py-1 outline-none data-highlighted:bg-hover"
                >
                  <span>{option.label}</span>
                  {option.detail === null ? null : <span className="text-xs text-soft">{option.detail}</span>}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
