import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

/** Figures, a chart, a list: what every page of sprawl has, in this order. */
export function SprawlSkeleton() {
  return (
    <div className="mt-2 space-y-6">
      <Skeleton className="h-4 w-80 max-w-full" />
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-40 w-full" />
      <TableSkeleton label="Namespaces" rows={12} />
    </div>
  );
}
