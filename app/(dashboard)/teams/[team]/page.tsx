import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { parseBillState, pathPart } from "#app/(dashboard)/sprawl/bill-params.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import { teamHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { TeamPanel } from "#app/(dashboard)/teams/[team]/_panels/team-panel.tsx";

type Place = { params: Promise<{ team: string }>; searchParams: Promise<RawParams> };

export async function generateMetadata({ params }: Place): Promise<Metadata> {
  return { title: pathPart((await params).team) };
}

export default async function TeamPage({ params, searchParams }: Place) {
  const raw = await searchParams;
  const teamKey = pathPart((await params).team);
  const context = await requireContext(pathWith(teamHref(teamKey, null), raw));
  const { uid: _uid, ...state } = parseBillState(raw);
  return (
    <Suspense fallback={<SprawlSkeleton />}>
      <TeamPanel context={context} teamKey={teamKey} state={state} />
    </Suspense>
  );
}
