"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { classNames } from "#app/_components/ui/class-names.ts";

export type SelectOption<Value extends string> = { value: Value; label: string };

export type SelectProps<Value extends string> = {
  label: string;
  /** Shown before the value inside the trigger instead of above it. */
  isInline?: boolean;
  value: Value;
  options: readonly SelectOption<Value>[];
  onChange: (value: Value) => void;
  className?: string;
};

/** One of a few known values. For many, or unknown ones, use Combobox. */
export function Select<Value extends string>({ label, isInline = false, value, options, onChange, className }: SelectProps<Value>) {
  return (
    <Base.Root
      items={options}
      value={value}
      onValueChange={(next: Value | null) => {
        if (next !== null) onChange(next);
      }}
    >
      <Base.Trigger
        aria-label={isInline ? `${label}: ${options.find((option) => option.value === value)?.label ?? value}` : label}
        className={classNames(
          "inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-sm hover:bg-hover",
          className,
        )}
      >
        {isInline ? <span className="text-soft">{label}</span> : null}
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
