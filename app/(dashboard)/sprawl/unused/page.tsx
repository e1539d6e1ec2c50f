import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import { parseSprawlState, type RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { UnusedPanel } from "#app/(dashboard)/sprawl/unused/_panels/unused-panel.tsx";

export const metadata: Metadata = { title: "Unused namespaces" };

export default async function UnusedPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/sprawl/unused", raw));
  const whose = context.actor.role === "member" ? "of your team's namespaces " : "namespaces ";
  return (
    <>
      <h1 className="text-xl">Which {whose}does nobody use, and what do they cost?</h1>
      <Suspense fallback={<SprawlSkeleton />}>
        <UnusedPanel context={context} state={parseSprawlState(raw)} />
      </Suspense>
    </>
  );
}
