import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { TeamFailuresPanel } from "#app/(dashboard)/compliance/_panels/team-failures-panel.tsx";
import { parseComplianceState, type RawParams } from "#app/(dashboard)/compliance/search-params.ts";
import { pathPart } from "#app/(dashboard)/sprawl/bill-params.ts";

type Place = { params: Promise<{ team: string }>; searchParams: Promise<RawParams> };

export async function generateMetadata({ params }: Place): Promise<Metadata> {
  return { title: `Compliance of ${pathPart((await params).team)}` };
}

export default async function TeamCompliancePage({ params, searchParams }: Place) {
  const raw = await searchParams;
  const teamKey = pathPart((await params).team);
  const context = await requireContext(pathWith(`/compliance/team/${encodeURIComponent(teamKey)}`, raw));
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <TeamFailuresPanel context={context} state={parseComplianceState(raw)} teamKey={teamKey} />
    </Suspense>
  );
}
