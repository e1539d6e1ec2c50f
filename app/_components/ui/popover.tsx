"use client";

import dynamic from "next/dynamic";
import { cloneElement, useState, type HTMLAttributes, type ReactElement, type ReactNode } from "react";

export type PopoverProps = {
  /** The button that opens it. */
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  title?: string;
  /** Said of a popover that has no title. */
  label?: string;
  align?: "start" | "center" | "end";
  className?: string;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

const load = () => import("#app/_components/ui/popover-surface.tsx").then((module) => module.PopoverSurface);

/**
 * A small surface beside the button that opened it. Escape and a press outside close it; focus returns to the button.
 * Its code places it among the edges of the window and is large, so that it is fetched when a pointer or the focus
 * comes near, and takes the button over when it is pressed.
 */
export function Popover(props: PopoverProps) {
  const { trigger, open, onOpenChange } = props;
  const [wasPressed, setPressed] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const change = (next: boolean): void => {
    setOpen(next);
    onOpenChange?.(next);
  };
  if (!wasPressed) {
    return cloneElement(trigger, {
      "aria-haspopup": "dialog",
      "aria-expanded": false,
      onPointerEnter: () => void load(),
      onFocus: () => void load(),
      onClick: () => {
        setPressed(true);
        change(true);
      },
    });
  }
  return <Surface {...props} open={open ?? isOpen} onOpenChange={change} />;
}

const Surface = dynamic(load, { ssr: false });
