import { ArrowDown, ArrowUp } from "lucide-react";
import { classNames } from "#app/_components/ui/class-names.ts";

type SortableHeaderProps = {
  column: {
    header: string;
    isHeaderHidden?: boolean;
    headerTitle?: string;
    align?: "left" | "right";
    compare?: unknown;
    className?: string;
  };
  direction: "ascending" | "descending" | null;
  onSort: () => void;
};

export function SortableHeader({ column, direction, onSort }: SortableHeaderProps) {
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      aria-sort={direction ?? undefined}
      title={column.headerTitle}
      className={classNames(
        "h-8 px-2 text-xs font-medium whitespace-nowrap text-soft first:pl-0 last:pr-0",
        column.align === "right" ? "text-right" : "text-left",
        column.className,
      )}
    >
      {column.compare === undefined ? (
        <span className={column.isHeaderHidden === true ? "sr-only" : undefined}>{column.header}</span>
      ) : (
        <button
          type="button"
          onClick={onSort}
          className={classNames(
            "inline-flex h-6 items-center gap-1 hover:text-ink",
            column.align === "right" && "flex-row-reverse",
            direction !== null && "text-ink",
          )}
        >
          {column.header}
          <Arrow size={12} aria-hidden className={direction === null ? "invisible" : undefined} />
        </button>
      )}
    </th>
  );
}
