import { Skeleton, TableSkeleton } from "#app/_components/ui/states.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <Skeleton className="mt-6 h-8 w-full max-w-md" />
      <div className="mt-6">
        <TableSkeleton label="Retention" rows={6} />
      </div>
    </>
  );
}
