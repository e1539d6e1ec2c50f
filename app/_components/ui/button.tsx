import type { ComponentProps } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";

export type ButtonLook = "plain" | "primary" | "quiet" | "danger";
export type ButtonSize = "small" | "medium";

const BASE =
  "inline-flex items-center justify-center gap-1.5 rounded-md whitespace-nowrap font-medium select-none transition-colors disabled:cursor-not-allowed disabled:text-soft disabled:opacity-70 print:hidden";
const LOOKS: Record<ButtonLook, string> = {
  plain: "border border-line-strong bg-surface text-ink hover:bg-hover",
  primary: "border border-accent bg-accent text-on-accent hover:opacity-90 disabled:bg-sunk disabled:border-line",
  quiet: "text-ink hover:bg-hover",
  danger: "border border-line-strong text-wrong hover:bg-wrong-soft",
};
const SIZES: Record<ButtonSize, string> = { small: "h-6 px-2 text-xs", medium: "h-8 px-3 text-sm" };

/** The class names of a button, for links and triggers that look like one. */
export function buttonClass(look: ButtonLook = "plain", size: ButtonSize = "medium"): string {
  return classNames(BASE, LOOKS[look], SIZES[size]);
}

export type ButtonProps = ComponentProps<"button"> & { look?: ButtonLook; size?: ButtonSize };

export function Button({ look = "plain", size = "medium", className, type = "button", ...props }: ButtonProps) {
  return <button {...props} type={type} className={classNames(buttonClass(look, size), className)} />;
}
