"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, type ReactNode } from "react";

type Cell = { row: number; column: number };

const STEPS: Readonly<Record<string, Cell>> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
};

/**
 * Makes a table of plain links walkable: arrow keys go to the next cell with a link, and a press opens it without loading the whole
 * page again. One handler for all, so that thousands of cells ship no code of their own.
 */
export function GridKeys({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  const router = useRouter();
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;

    function onClick(event: MouseEvent): void {
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      const href = linkOf(event.target)?.getAttribute("href");
      if (event.defaultPrevented || !isPlain || href?.startsWith("/") !== true) return;
      event.preventDefault();
      router.push(href);
    }

    function onKeyDown(event: KeyboardEvent): void {
      const step = STEPS[event.key];
      const cell = linkOf(event.target)?.closest<HTMLTableCellElement>("td, th");
      if (step === undefined || !cell) return;
      const next = nextLink(cell, step);
      if (next === null) return;
      event.preventDefault();
      next.focus();
    }

    element.addEventListener("click", onClick);
    element.addEventListener("keydown", onKeyDown);
    return () => {
      element.removeEventListener("click", onClick);
      element.removeEventListener("keydown", onKeyDown);
    };
  }, [router]);

  return (
    <div ref={frame} role="region" aria-label={label} tabIndex={0} className={className}>
      {children}
    </div>
  );
}

function linkOf(target: EventTarget | null): HTMLAnchorElement | null {
  return target instanceof Element ? target.closest("a") : null;
}

/** The next cell in this direction that has a link; null at the edge. */
function nextLink(cell: HTMLTableCellElement, step: Cell): HTMLAnchorElement | null {
  const table = cell.closest("table");
  const start = cell.parentElement;
  if (table === null || !(start instanceof HTMLTableRowElement)) return null;
  const rows = [...table.rows];
  let row = rows.indexOf(start);
  let column = cell.cellIndex;
  for (;;) {
    row += step.row;
    column += step.column;
    const next = rows[row]?.cells;
    if (next === undefined || column < 0 || (step.row === 0 && column >= next.length)) return null;
    const link = next[Math.min(column, next.length - 1)]?.querySelector("a") ?? null;
    if (link !== null) return link;
  }
}
