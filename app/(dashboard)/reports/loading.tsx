import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <div className="mt-6 space-y-8">
        <TableSkeleton label="Reports" rows={4} />
        <TableSkeleton label="Reports" rows={4} />
      </div>
    </>
  );
}
