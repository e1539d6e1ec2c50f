import { randomBytes } from "node:crypto";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ComplianceSkeleton } from "#app/(dashboard)/compliance/_components/compliance-skeleton.tsx";
import { SamplePanel } from "#app/(dashboard)/compliance/_panels/sample-panel.tsx";
import { parseComplianceState, textParam, type RawParams } from "#app/(dashboard)/compliance/search-params.ts";

export const metadata: Metadata = { title: "Sample" };

const SEED_BYTES = 6;
const DEFAULT_SIZE = 25;

export default async function SamplePage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/compliance/sample", raw));
  const seed = textParam(raw, "seed");
  // A sample without a seed could not be drawn again: the address always has one.
  if (seed === null)
    redirect(pathWith("/compliance/sample", { ...raw, seed: randomBytes(SEED_BYTES).toString("hex") }));
  const size = Number(textParam(raw, "size") ?? DEFAULT_SIZE);
  return (
    <Suspense fallback={<ComplianceSkeleton />}>
      <SamplePanel
        context={context}
        state={parseComplianceState(raw)}
        seed={seed}
        size={Number.isInteger(size) && size > 0 ? size : DEFAULT_SIZE}
        verdict={textParam(raw, "verdict")}
      />
    </Suspense>
  );
}
