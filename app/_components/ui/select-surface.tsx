"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { labelOf, SELECT_TRIGGER_CLASS, type SelectProps } from "#app/_components/ui/select.tsx";

/** The select itself, open from the start: it is fetched when its button was pressed. */
export function SelectSurface({ label, value, options, onChange }: SelectProps<string>) {
  return (
    <Base.Root
      defaultOpen
      items={options}
      value={value}
      onValueChange={(next: string | null) => {
        if (next !== null) onChange(next);
      }}
    >
      <Base.Trigger aria-label={`${label} ${labelOf(options, value)}`} className={SELECT_TRIGGER_CLASS}>
        <span className="text-soft">{label}</span>
        <Base.Value className="truncate" />
        <Base.Icon className="ml-auto text-soft">
          <ChevronDown size={14} aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="max-h-[var(--available-height)] min-w-[var(--anchor-width)] overflow-auto rounded-md border border-line-strong bg-raised py-1 text-sm outline-none">
            <Base.List>
              {options.map((option) => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  className="grid h-8 cursor-default grid-cols-[1rem_1fr] items-center gap-2 px-2 outline-none data-highlighted:bg-hover"
                >
                  <Base.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </Base.ItemIndicator>
                  <Base.ItemText className="col-start-2">{option.label}</Base.ItemText>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
