"use client";

import { useRouter } from "next/navigation";
import { useRef, useState, type PointerEvent, type ReactNode } from "react";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

/** Less than this is a press on a bar, not a stretch of time. */
const LEAST_PIXELS = 6;

/** Shares of the width; `isStretch` once it is more than a press. */
type Drag = { from: number; to: number; isStretch: boolean };

type BrushProps = {
  state: AuditState;
  /** The beginning of each bar, and the end of the last: ISO 8601. */
  edges: readonly string[];
  children: ReactNode;
};

/** The bars of a histogram, over which a stretch of time can be drawn with the pointer. Whoever has none presses a bar, or writes the days above. */
export function HistogramBrush({ state, edges, children }: BrushProps) {
  const router = useRouter();
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const shareOf = (event: PointerEvent) => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const finish = () => {
    if (drag?.isStretch) {
      const bars = edges.length - 1;
      const [first, last] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      const [from, to] = [edges[Math.floor(first * bars)], edges[Math.ceil(last * bars)]];
      if (from !== undefined && to !== undefined)
        router.push(auditHref(state, { from: new Date(from), to: new Date(to) }));
    }
    setDrag(null);
  };
  return (
    <div
      ref={box}
      className="relative cursor-crosshair touch-pan-y select-none"
      onPointerDown={(event) => {
        if (event.button === 0 && event.pointerType !== "touch")
          setDrag({ from: shareOf(event), to: shareOf(event), isStretch: false });
      }}
      onPointerMove={(event) => {
        if (drag === null) return;
        const to = shareOf(event);
        const isStretch = drag.isStretch || Math.abs(to - drag.from) * event.currentTarget.clientWidth >= LEAST_PIXELS;
        setDrag({ ...drag, to, isStretch });
        // Held only once it is a stretch: a press must still reach the bar below.
        if (isStretch) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerUp={finish}
      onPointerCancel={() => setDrag(null)}
      onDragStart={(event) => event.preventDefault()}
    >
      {children}
      {!drag?.isStretch ? null : (
        <div
          aria-hidden
          className="pointer-events-none absolute inset-y-0 border-x border-accent bg-accent/20"
          style={{
            left: `${Math.min(drag.from, drag.to) * 100}%`,
            width: `${Math.abs(drag.to - drag.from) * 100}%`,
          }}
        />
      )}
    </div>
  );
}
