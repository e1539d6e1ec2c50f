import type { Metadata } from "next";
import { Suspense } from "react";
import { isAllowed } from "#lib/access/permissions.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { SourceList } from "#app/(dashboard)/sources/_components/source-list.tsx";
import { ApiBillPanel } from "#app/(dashboard)/sources/_panels/api-bill-panel.tsx";
import { SourceComparisonPanel } from "#app/(dashboard)/sources/_panels/source-comparison-panel.tsx";
import { parseSourcesParams } from "#app/(dashboard)/sources/search-params.ts";

export const metadata: Metadata = { title: "Sources" };

export default async function SourcesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/sources", raw));
  const { source } = parseSourcesParams(raw);
  const answer = await attempt(() => listSources(context));
  return (
    <>
      <h1 className="text-xl">What has been loaded, how old is it, and what is missing?</h1>
      {answer.error === null ? (
        <SourceList
          first={answer.value}
          only={source}
          canPull={isAllowed(context.actor, "sources:pull")}
          now={context.now.toISOString()}
        />
      ) : (
        <div className="mt-4">
          <ErrorState error={answer.error} />
        </div>
      )}
      <Suspense fallback={null}>
        <SourceComparisonPanel context={context} only={source} />
      </Suspense>
      <Suspense fallback={null}>
        <ApiBillPanel context={context} only={source} />
      </Suspense>
    </>
  );
}
