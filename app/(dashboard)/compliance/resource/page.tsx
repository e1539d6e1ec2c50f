import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { ResourcePanel } from "#app/(dashboard)/compliance/_panels/resource-panel.tsx";
import {
  parseComplianceState,
  countParam,
  textParam,
  type RawParams,
} from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Resource" };

export default async function ResourcePage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance/resource", raw));
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <ResourcePanel
        context={context}
        state={parseComplianceState(raw)}
        id={countParam(raw, "id")}
        evidence={textParam(raw, "evidence")}
      />
    </Suspense>
  );
}
