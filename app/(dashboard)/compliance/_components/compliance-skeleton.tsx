import { Skeleton } from "#app/_components/ui/states.tsx";

const ROWS = 14;
const CELLS = 18;

/** The question, the totals, and the map: what every page of compliance begins with. */
export function ComplianceSkeleton() {
  return (
    <div role="status" aria-label="Compliance is loading" className="mt-3 space-y-6">
      <div className="flex flex-wrap gap-2">
        <Skeleton className="h-8 w-64" />
        <Skeleton className="h-8 w-28" />
        <Skeleton className="h-8 w-28" />
      </div>
      <div className="space-y-3">
        <Skeleton className="h-3 w-full" />
        <Skeleton className="h-10 w-full" />
      </div>
      <div className="space-y-1">
        {Array.from({ length: ROWS }, (_, row) => (
          <div key={row} className="flex gap-1">
            <Skeleton className="h-6 w-40 md:w-88" />
            {Array.from({ length: CELLS }, (_cell, column) => (
              <Skeleton key={column} className="hidden h-6 w-7 sm:block" />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
