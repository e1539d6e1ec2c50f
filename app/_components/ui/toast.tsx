"use client";

import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

type Message = { id: number; title: string; detail?: string; isWrong?: boolean };

const SHOWN_MS = 8_000;

/** More than this at once would cover the page; the oldest goes. */
const SHOWN_AT_ONCE = 3;

let messages: readonly Message[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** Tells that something was done, or that it failed and why. From anywhere in the browser. */
export function tell(message: Omit<Message, "id">): void {
  lastId += 1;
  replace([...messages, { ...message, id: lastId }].slice(-SHOWN_AT_ONCE));
}

/** Where messages appear. Screen readers hear each once; it stays while it is pointed at or focused. */
export function Toasts() {
  const shown = useSyncExternalStore(
    subscribe,
    () => messages,
    () => NONE,
  );
  return (
    <div
      role="log"
      aria-label="Messages"
      aria-live="polite"
      className="fixed right-4 bottom-16 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 empty:hidden md:bottom-4 print:hidden"
    >
      {shown.map((message) => (
        <Toast key={message.id} message={message} />
      ))}
    </div>
  );
}

const NONE: readonly Message[] = [];

function Toast({ message }: { message: Message }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => dismiss(message.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, message.id]);
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={`flex items-start gap-3 rounded-md border bg-raised px-3 py-2 ${message.isWrong === true ? "border-wrong" : "border-line-strong"}`}
    >
      <div className="flex-1">
        <p className="font-medium">{message.title}</p>
        {message.detail === undefined ? null : <p className="text-xs text-soft">{message.detail}</p>}
      </div>
      <button
        type="button"
        aria-label="Close"
        onClick={() => dismiss(message.id)}
        className="inline-flex size-6 items-center justify-center rounded-md hover:bg-hover"
      >
        <X size={14} aria-hidden />
      </button>
    </div>
  );
}

function dismiss(id: number): void {
  replace(messages.filter((message) => message.id !== id));
}

function replace(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
