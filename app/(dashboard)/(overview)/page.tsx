import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { OverviewPanel } from "#app/(dashboard)/(overview)/_panels/overview-panel.tsx";
import { OverviewSkeleton } from "#app/(dashboard)/(overview)/_components/overview-skeleton.tsx";
import { parseOverviewParams } from "#app/(dashboard)/(overview)/search-params.ts";

export default async function OverviewPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/", raw));
  const { asOf } = parseOverviewParams(raw);
  return (
    <Suspense fallback={<OverviewSkeleton />}>
      <OverviewPanel context={context} asOf={asOf} />
    </Suspense>
  );
}
