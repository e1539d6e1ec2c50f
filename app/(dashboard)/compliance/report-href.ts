import {
  NO_FACETS,
  complianceHref,
  narrowed,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";

/** The page that makes a report, with framework, instant and period teams filled in; the other filters are the page's alone. */
export function reportHref(state: ComplianceState): string {
  const range = state.period === null ? null : rangeOfPeriod(state.period);
  return complianceHref(
    { ...narrowed(state), filters: { ...NO_FACETS, teams: state.filters.teams }, period: null },
    "/reports",
    {
      kind: "compliance",
      from: range?.from ?? null,
      to: range?.to ?? null,
    },
  );
}
