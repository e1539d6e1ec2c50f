"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { Popover } from "#app/_components/ui/popover.tsx";

export type Strength = "explicit" | "derived" | "weak" | "contested" | "none";

const WORDS: Record<Strength, string> = {
  explicit: "Given by rule",
  derived: "Share of a pool",
  weak: "Mostly shared",
  contested: "Contested",
  none: "No owner",
};

/** An owner's name with a mark of how well it is known. The name goes one level down; the mark opens the evidence. */
export function EvidenceChip(props: {
  name: string;
  detail?: string | null;
  strength: Strength;
  href?: string;
  children: ReactNode;
}) {
  const { name, detail, strength, href, children } = props;
  return (
    <span className="inline-flex min-w-0 items-baseline gap-1.5">
      <Popover
        title={name}
        trigger={
          <button
            type="button"
            aria-label={`${WORDS[strength]}: why ${name}?`}
            className="-m-1 inline-flex size-6 shrink-0 items-center justify-center self-center rounded-md hover:bg-hover"
          >
            <StrengthMark strength={strength} />
          </button>
        }
      >
        <p className="mb-2 flex items-center gap-1.5 font-medium">
          <StrengthMark strength={strength} /> {WORDS[strength]}
        </p>
        {children}
      </Popover>
      {href === undefined ? (
        <span className="truncate">{name}</span>
      ) : (
        <Link href={href} prefetch={false} className="way-down truncate">
          {name}
        </Link>
      )}
      {detail === undefined || detail === null || detail === "" ? null : (
        <span className="truncate text-xs text-soft">{detail}</span>
      )}
    </span>
  );
}

/** Shape, not colour: full, half, outline, crossed, dashed. */
export function StrengthMark({ strength }: { strength: Strength }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden className="shrink-0 text-accent">
      <circle
        cx="5"
        cy="5"
        r="4"
        fill={strength === "explicit" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.2"
        strokeDasharray={strength === "none" ? "1.6 1.6" : undefined}
      />
      {strength === "derived" || strength === "weak" ? (
        <path d={strength === "derived" ? "M5 1a4 4 0 0 0 0 8z" : "M5 5L1 5A4 4 0 0 0 5 9z"} fill="currentColor" />
      ) : null}
      {strength === "contested" ? <path d="M2 8L8 2" stroke="currentColor" strokeWidth="1.2" /> : null}
    </svg>
  );
}
