import type { ComponentProps, ReactNode } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";

export const INPUT_CLASS =
  "h-8 w-full rounded-md border border-line-strong bg-surface px-2 text-sm text-ink disabled:text-soft aria-invalid:border-wrong";

export function TextInput({ className, ...props }: ComponentProps<"input">) {
  return <input {...props} className={classNames(INPUT_CLASS, className)} />;
}

/** A label above what it names, with a line of help or what is wrong below it. */
export function Field(props: { label: string; help?: ReactNode; error?: string | null; children: ReactNode }) {
  return (
    <label className="block">
      <span className="mb-1 block text-xs font-medium text-soft">{props.label}</span>
      {props.children}
      {props.help === undefined ? null : <span className="mt-1 block text-xs text-soft">{props.help}</span>}
      {props.error === undefined || props.error === null ? null : (
        <span className="mt-1 block text-xs text-wrong">{props.error}</span>
      )}
    </label>
  );
}
