import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export function SpendSkeleton() {
  return (
    <div className="mt-5 space-y-6">
      <Skeleton className="h-4 w-80 max-w-full" />
      <Skeleton className="h-5 w-full" />
      <Skeleton className="h-64 w-full" />
      <TableSkeleton label="Spend" rows={12} />
    </div>
  );
}
