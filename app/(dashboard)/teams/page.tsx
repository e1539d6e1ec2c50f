import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { TeamsPanel } from "#app/(dashboard)/teams/_panels/teams-panel.tsx";
import { parseTeamsState } from "#app/(dashboard)/teams/teams-state.ts";

export const metadata: Metadata = { title: "Teams" };

export default async function TeamsPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/teams", raw));
  const isMember = context.actor.role === "member";
  return (
    <>
      <h1 className="text-xl">
        {isMember ? "What does your team spend and own?" : "Which teams are there, and what does each spend and own?"}
      </h1>
      <Suspense fallback={<SprawlSkeleton />}>
        <TeamsPanel context={context} state={parseTeamsState(raw, context.now)} />
      </Suspense>
    </>
  );
}
