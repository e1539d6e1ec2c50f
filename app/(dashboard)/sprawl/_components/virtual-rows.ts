import { defaultRangeExtractor, useVirtualizer, type Range, type VirtualItem } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type RefObject } from "react";

/** A row of one line; what is higher is measured when it is there. */
const ROW_HEIGHT_PX = 33;
const VIEW_HEIGHT_PX = 640;
const OVERSCAN_ROWS = 10;
/** The URL follows when scrolling rests. */
const REST_MS = 250;

/** Values as they are now: what asks the virtualizer later may be told what it was told before. */
export type VirtualRows = {
  container: RefObject<HTMLDivElement | null>;
  items: VirtualItem[];
  totalHeight: number;
  /** The rows in sight; null before anything is measured. */
  range: { startIndex: number; endIndex: number } | null;
  measure: (element: Element | null) => void;
};

type VirtualRowsOptions = {
  count: number;
  /** False = every row is there: a list that fits on a page needs no window, and prints whole. */
  isLong: boolean;
  /** The row that the URL says. */
  offset: number;
  /** Called with the first row in sight when scrolling rests. */
  onRest: (offset: number) => void;
};

/** The rows of a long list that are in sight, of which only these are on the page. */
export function useVirtualRows({ count, isLong, offset, onRest }: VirtualRowsOptions): VirtualRows {
  const container = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<number | null>(null);
  const written = useRef(offset);
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count,
    getScrollElement: () => container.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN_ROWS,
    initialOffset: isLong ? offset * ROW_HEIGHT_PX : 0,
    initialRect: { width: 0, height: VIEW_HEIGHT_PX },
    rangeExtractor: (range) => (isLong ? withFocused(range, focused) : [...Array(count).keys()]),
  });
  const first = isLong ? (virtualizer.range?.startIndex ?? offset) : 0;

  // A link, the browser's way back and another order lead to a row that scrolling did not.
  useEffect(() => {
    if (!isLong || written.current === offset) return;
    written.current = offset;
    virtualizer.scrollToIndex(offset, { align: "start" });
  }, [isLong, offset, virtualizer]);

  useEffect(() => {
    if (!isLong || first === written.current) return;
    const timer = setTimeout(() => {
      written.current = first;
      onRest(first);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [first, isLong, onRest]);

  // The end lies further down with every row that is measured on the way there: the browser alone stops short of it.
  useEffect(() => {
    const region = container.current;
    const goToEnd = (event: KeyboardEvent): void => {
      if (!isLong || event.target !== region || (event.key !== "End" && event.key !== "Home")) return;
      event.preventDefault();
      virtualizer.scrollToIndex(event.key === "End" ? count - 1 : 0, { align: event.key === "End" ? "end" : "start" });
    };
    region?.addEventListener("keydown", goToEnd);
    return () => region?.removeEventListener("keydown", goToEnd);
  }, [count, isLong, virtualizer]);

  // The row that keyboard focus is in stays, wherever the list is scrolled to.
  useEffect(() => {
    const region = container.current;
    const follow = ({ target }: FocusEvent): void => {
      const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
      setFocused(row === null ? null : Number(row.dataset["index"]));
    };
    region?.addEventListener("focusin", follow);
    return () => region?.removeEventListener("focusin", follow);
  }, []);

  return {
    container,
    items: virtualizer.getVirtualItems(),
    totalHeight: virtualizer.getTotalSize(),
    range: virtualizer.range,
    measure: virtualizer.measureElement,
  };
}

function withFocused(range: Range, focused: number | null): number[] {
  const shown = defaultRangeExtractor(range);
  if (focused === null || focused >= range.count || shown.includes(focused)) return shown;
  return [...shown, focused].toSorted((a, b) => a - b);
}
