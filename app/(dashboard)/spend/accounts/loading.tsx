import { Skeleton } from "#app/_components/ui/states.tsx";
import { AccountsSkeleton } from "#app/(dashboard)/spend/accounts/_components/accounts-skeleton.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <Skeleton className="mt-4 h-8 w-full max-w-3xl" />
      <AccountsSkeleton />
    </>
  );
}
