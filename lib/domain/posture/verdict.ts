/** What a rule says of a resource. Denied permission and what was not evaluated are "unknown", never "pass". */
export type Verdict = "pass" | "fail" | "unknown" | "not_applicable";

/** From the best known to the least: `worstVerdict` keeps the first of these that is there. */
const BY_WEIGHT: readonly Verdict[] = ["fail", "unknown", "pass", "not_applicable"];

/** The verdict of several answers about one rule and one resource: one failure fails, and one unknown keeps a pass from counting. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return BY_WEIGHT.find((verdict) => verdicts.includes(verdict)) ?? "unknown";
}

export type Severity = "critical" | "high" | "medium" | "low";
