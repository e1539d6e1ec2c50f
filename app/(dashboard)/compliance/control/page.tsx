import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { ControlPanel } from "#app/(dashboard)/compliance/_panels/control-panel.tsx";
import { parseComplianceState, textParam, type RawParams } from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Control" };

export default async function ControlPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance/control", raw));
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <ControlPanel context={context} state={parseComplianceState(raw)} controlId={textParam(raw, "control") ?? ""} />
    </Suspense>
  );
}
