import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export function OverviewSkeleton() {
  return (
    <div className="space-y-8" role="status" aria-label="Overview is loading">
      <Skeleton className="h-7 w-80 max-w-full" />
      <div className="grid gap-8 md:grid-cols-2">
        <Skeleton className="h-28" />
        <Skeleton className="h-28" />
      </div>
      <div className="grid gap-8 md:grid-cols-2">
        <TableSkeleton label="What needs attention" rows={5} />
        <TableSkeleton label="What moved most" rows={5} />
      </div>
      <Skeleton className="h-64" />
    </div>
  );
}
