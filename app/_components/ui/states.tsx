import type { ReactNode } from "react";
import type { ErrorView } from "#lib/http/error-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";

/** The shape of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classNames("skeleton", className)} />;
}

/** Rows of a table that is still being read. */
export function TableSkeleton({ rows = 8, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={`${label} is loading`} className="divide-y divide-line border-y border-line">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-8 items-center gap-6">
          <Skeleton className={index % 3 === 0 ? "h-3 w-40" : "h-3 w-56"} />
          <Skeleton className="ml-auto h-3 w-24" />
          <Skeleton className="h-3 w-16" />
        </div>
      ))}
    </div>
  );
}

/** Why there is nothing, and the one thing to do about it. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="border-y border-line py-8">
      <p className="font-medium">{title}</p>
      {children === undefined ? null : <div className="mt-1 max-w-prose text-soft">{children}</div>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}

/** What happened, what still holds, what to do, and an id. */
export function ErrorState({
  error,
  action,
}: {
  error: Omit<ErrorView, "code"> & { code?: string };
  action?: ReactNode;
}) {
  const place = error.place === null ? [] : Object.entries(error.place).filter(([, value]) => value !== undefined);
  return (
    <div role="alert" className="border-l-2 border-wrong bg-wrong-soft px-4 py-3">
      <p className="font-medium">{error.message}</p>
      {place.length === 0 ? null : (
        <p className="mt-1 text-xs">{place.map(([name, value]) => `${name} ${String(value)}`).join(" · ")}</p>
      )}
      {error.remedy === null ? null : <p className="mt-1">{error.remedy}</p>}
      {error.id === "" ? null : <p className="mt-1 text-xs text-soft">Error id {error.id}</p>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}

/** Long work: how far it is, in words and as a line. */
export function ProgressLine({
  label,
  done,
  total,
  unit,
  detail,
}: {
  label: string;
  done: number;
  total: number;
  unit: string;
  detail?: string;
}) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div className="text-xs">
      <div className="flex flex-wrap justify-between gap-x-4">
        <span>{label}</span>
        <span className="text-soft">
          {total > 0 ? `${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}` : null}
          {detail === undefined ? null : ` · ${detail}`}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="mt-1 h-1 bg-hover"
      >
        <div className="h-full bg-accent transition-[width]" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
