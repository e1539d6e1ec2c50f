import { Skeleton } from "#app/_components/ui/states.tsx";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";

export default function Loading() {
  return (
    <>
      <Skeleton className="h-7 w-96 max-w-full" />
      <ComplianceSkeleton />
    </>
  );
}
