import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import { SprawlPanel } from "#app/(dashboard)/sprawl/_panels/sprawl-panel.tsx";
import { parseSprawlState, type RawParams } from "#app/(dashboard)/sprawl/search-params.ts";

export const metadata: Metadata = { title: "Sprawl" };

export default async function SprawlPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/sprawl", raw));
  const whose = context.actor.role === "member" ? "What does your team have" : "What exists";
  return (
    <>
      <h1 className="text-xl">{whose}, how does it grow, and whose is it?</h1>
      <Suspense fallback={<SprawlSkeleton />}>
        <SprawlPanel context={context} state={parseSprawlState(raw)} />
      </Suspense>
    </>
  );
}
