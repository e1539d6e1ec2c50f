import { Skeleton } from "#app/_components/ui/states.tsx";
import { SpendSkeleton } from "#app/(dashboard)/spend/_components/spend-skeleton.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <Skeleton className="mt-4 h-8 w-full max-w-3xl" />
      <SpendSkeleton />
    </>
  );
}
