import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { CompliancePanel } from "#app/(dashboard)/compliance/_panels/compliance-panel.tsx";
import { parseComplianceState, type RawParams } from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Compliance" };

export default async function CompliancePage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance", raw));
  const whose = context.actor.role === "member" ? "What of your team's is compliant" : "What is compliant";
  return (
    <>
      <h1 className="text-xl">{whose}, what is not, and what is not known?</h1>
      <Suspense fallback={<ComplianceSkeleton />}>
        <CompliancePanel context={context} state={parseComplianceState(raw)} />
      </Suspense>
    </>
  );
}
