"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState, useTransition } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";

const EVERY_MS = 3_000;

/** Asks for the newest events again and again while it is on and the page is looked at. */
export function LiveTail() {
  const router = useRouter();
  const [isOn, setIsOn] = useState(false);
  const [isAsking, startAsking] = useTransition();
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") startAsking(() => router.refresh());
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [isOn, router]);
  return (
    <span className="inline-flex items-center gap-2 text-xs text-soft print:hidden">
      <button
        type="button"
        aria-pressed={isOn}
        onClick={() => setIsOn(!isOn)}
        className="inline-flex min-h-6 items-center gap-2 rounded-md border border-line-strong px-2 text-ink hover:bg-hover"
      >
        <span
          aria-hidden
          className={classNames("size-2 rounded-full", isOn ? "bg-good" : "bg-line-strong", isAsking && "opacity-50")}
        />
        {isOn ? "Following" : "Follow"}
      </button>
      <span role="status">
        {isOn
          ? "Asked for anew every 3 seconds. A source’s events come when it is read, what is done in Bursar within five minutes."
          : ""}
      </span>
    </span>
  );
}
