import { complianceHref, narrowed, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";

/** The page that makes a report, with the question filled in. */
export function reportHref(state: ComplianceState, others: Record<string, string | null> = {}): string {
  return complianceHref(narrowed(state), "/reports", { kind: "compliance", ...others });
}
