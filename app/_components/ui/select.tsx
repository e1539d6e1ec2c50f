"use client";

import { ChevronDown } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";

export type SelectOption<Value extends string> = { value: Value; label: string };

export type SelectProps<Value extends string> = {
  label: string;
  value: Value;
  options: readonly SelectOption<Value>[];
  onChange: (value: Value) => void;
};

export const SELECT_TRIGGER_CLASS =
  "inline-flex h-8 max-w-full min-w-0 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-sm hover:bg-hover";

const load = () => import("#app/_components/ui/select-surface.tsx").then((module) => module.SelectSurface);

/** One of a few known values, its label inside the button. The list's code is fetched when it is about to be opened. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, value, options, onChange } = props;
  const [wasPressed, setPressed] = useState(false);
  if (wasPressed) {
    return (
      <Surface
        {...props}
        onChange={(next) => {
          const chosen = options.find((option) => option.value === next);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      />
    );
  }
  return (
    <button
      type="button"
      aria-haspopup="listbox"
      aria-expanded={false}
      className={SELECT_TRIGGER_CLASS}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setPressed(true)}
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        setPressed(true);
      }}
    >
      <span className="text-soft">{label}</span> <span className="truncate">{labelOf(options, value)}</span>
      <ChevronDown size={14} aria-hidden className="ml-auto text-soft" />
    </button>
  );
}

export function labelOf(options: readonly SelectOption<string>[], value: string): string {
  return options.find((option) => option.value === value)?.label ?? value;
}

const Surface = dynamic(load, { ssr: false });
