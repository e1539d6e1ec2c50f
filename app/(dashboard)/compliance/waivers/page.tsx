import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { WaiversPanel } from "#app/(dashboard)/compliance/_panels/waivers-panel.tsx";
import { parseComplianceState, textParam, type RawParams } from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Waivers" };

export default async function WaiversPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance/waivers", raw));
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <WaiversPanel context={context} state={parseComplianceState(raw)} shown={textParam(raw, "state")} />
    </Suspense>
  );
}
