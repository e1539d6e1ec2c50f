import { Skeleton } from "#app/_components/ui/states.tsx";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <SprawlSkeleton />
    </>
  );
}
