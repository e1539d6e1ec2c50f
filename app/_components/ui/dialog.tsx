"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";

export type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  /** Where it stands: in the middle, or along the right edge at full height. */
  place?: "centre" | "side";
  width?: string;
  children: ReactNode;
  /** Stays in sight below what scrolls. */
  footer?: ReactNode;
};

const PLACES = {
  centre: "inset-x-0 top-[8vh] mx-auto max-h-[84vh] rounded-md border",
  side: "inset-y-0 right-0 border-l",
};

/** A dialog, or a side sheet: focus stays inside, Escape closes, and the page behind keeps its place. */
export function Dialog({ open, onClose, title, description, place = "centre", width, children, footer }: DialogProps) {
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-30 bg-scrim print:hidden" />
        <Base.Popup
          className={classNames(
            "fixed z-30 flex flex-col border-line-strong bg-surface text-ink outline-none",
            PLACES[place],
            width ?? (place === "side" ? "w-[min(60rem,100vw)]" : "w-[min(40rem,calc(100vw-2rem))]"),
          )}
        >
          <header className="flex items-start gap-4 border-b border-line px-5 py-3">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {description === undefined ? null : (
                <Base.Description className="mt-0.5 text-xs text-soft">{description}</Base.Description>
              )}
            </div>
            <Base.Close className={classNames(buttonClass("quiet", "small"), "-mr-2")} aria-label="Close">
              <X size={16} aria-hidden />
            </Base.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
          {footer === undefined ? null : (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
              {footer}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
