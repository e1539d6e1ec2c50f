import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export function AccountsSkeleton() {
  return (
    <div className="mt-5 space-y-6">
      <Skeleton className="h-4 w-80 max-w-full" />
      <Skeleton className="h-5 w-full" />
      <Skeleton className="h-14 w-full" />
      <Skeleton className="h-80 w-full" />
      <TableSkeleton label="Accounts" rows={12} />
    </div>
  );
}
