import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { RulePanel } from "#app/(dashboard)/compliance/_panels/rule-panel.tsx";
import {
  parseComplianceState,
  countParam,
  textParam,
  type RawParams,
} from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Rule" };

export default async function RulePage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance/rule", raw));
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <RulePanel
        context={context}
        state={parseComplianceState(raw)}
        ruleKey={textParam(raw, "rule") ?? ""}
        verdict={textParam(raw, "verdict")}
        offset={countParam(raw, "row")}
      />
    </Suspense>
  );
}
