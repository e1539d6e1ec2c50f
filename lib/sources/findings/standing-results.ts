import type { Finding } from "#lib/sources/findings/parse-findings.ts";
import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";

/**
 * What is left of the findings of several files: each as it was updated last, but for those that are archived then. An archived finding is
 * of a resource that is gone, or of a check that is off, so that what an older file says of it holds no more. What another finding says of
 * the same stands: two standards may check one resource for the same control, and one of them may be switched off.
 */
export function standingResults(findings: readonly Finding[]): ReportedResult[] {
  const newest = new Map<string, Finding>();
  for (const finding of findings) {
    const { ruleKey, resource, at } = finding.result;
    const identity = JSON.stringify([finding.id, ruleKey, resource.kind, resource.key]);
    const known = newest.get(identity);
    if (!known || (known.result.at?.getTime() ?? 0) <= (at?.getTime() ?? 0)) newest.set(identity, finding);
  }
  return [...newest.values()].filter(({ isArchived }) => !isArchived).map(({ result }) => result);
}
