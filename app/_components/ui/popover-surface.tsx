"use client";

import { Popover as Base } from "@base-ui/react/popover";
import { classNames } from "#app/_components/ui/class-names.ts";
import type { PopoverProps } from "#app/_components/ui/popover.tsx";

/** The popover itself, fetched when the first one is opened. */
export function PopoverSurface({
  trigger,
  title,
  label,
  align = "start",
  className,
  children,
  open,
  onOpenChange,
}: PopoverProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange?.(next)}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-40 max-w-[var(--available-width)]">
          <Base.Popup
            aria-label={title === undefined ? label : undefined}
            className={classNames(
              "max-h-[var(--available-height)] overflow-auto rounded-md border border-line-strong bg-raised text-sm text-ink outline-none",
              className ?? "w-72 p-3",
            )}
          >
            {title === undefined ? null : (
              <Base.Title className="mb-2 text-xs font-medium text-soft">{title}</Base.Title>
            )}
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
