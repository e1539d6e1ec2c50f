import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <Skeleton className="mt-6 h-16 w-full max-w-2xl" />
      <div className="mt-6">
        <TableSkeleton label="Published heads" rows={8} />
      </div>
    </>
  );
}
