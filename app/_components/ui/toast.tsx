"use client";

import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";

const manager = Base.createToastManager();

/** Tells that something was done, or that it failed and why. From anywhere in the browser. */
export function tell(message: { title: string; detail?: string; isWrong?: boolean }): void {
  manager.add({
    title: message.title,
    description: message.detail,
    type: message.isWrong === true ? "wrong" : "done",
    priority: message.isWrong === true ? "high" : "low",
  });
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider toastManager={manager} timeout={8000}>
      {children}
      <Base.Portal>
        <Base.Viewport className="fixed right-4 bottom-16 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 md:bottom-4 print:hidden">
          <ToastList />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

function ToastList() {
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="rounded-md border border-line-strong bg-raised text-sm data-[type=wrong]:border-wrong"
    >
      <Base.Content className="flex items-start gap-3 px-3 py-2">
        <div className="flex-1">
          <Base.Title className="font-medium" />
          <Base.Description className="text-xs text-soft" />
        </div>
        <Base.Close aria-label="Close" className="inline-flex size-6 items-center justify-center rounded-md hover:bg-hover">
          <X size={14} aria-hidden />
        </Base.Close>
      </Base.Content>
    </Base.Root>
  ));
}
