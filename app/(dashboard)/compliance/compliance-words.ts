import { MINUS, formatCount } from "#lib/domain/format.ts";
import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import type { HeatMark } from "#lib/charts/heat-map.ts";
import type { PostureColumn, PostureCounts } from "#lib/services/posture/posture-view.ts";

/** In the order in which they are always shown: what is wrong, what is not known, what is good. */
export const COUNT_KINDS = ["fail", "waived", "unknown", "notEvaluated", "pass", "notApplicable"] as const;
export type CountKind = (typeof COUNT_KINDS)[number];

export const COUNT_LABELS: Record<CountKind, string> = {
  fail: "Failed",
  waived: "Failed, waived",
  unknown: "Unknown",
  notEvaluated: "Not evaluated",
  pass: "Passed",
  notApplicable: "Does not apply",
};

export const COUNT_MEANINGS: Record<CountKind, string> = {
  fail: "the rule was broken, and nobody has accepted the risk",
  waived: "the rule was broken, and the risk is accepted until a day; never counted as passed",
  unknown: "the source could not say, or may not read it",
  notEvaluated: "nobody looked in time: whatever it was, it is not known to be so any more",
  pass: "the rule was met when it was last looked at, in time",
  notApplicable: "the rule does not speak of this resource",
};

export const COUNT_MARKS: Record<CountKind, HeatMark> = {
  fail: "fail",
  waived: "waived",
  unknown: "unknown",
  notEvaluated: "not-evaluated",
  pass: "pass",
  notApplicable: "not-applicable",
};

export const COLUMN_LABELS: Record<PostureColumn, string> = {
  team: "Teams",
  unit: "Business units",
  account: "Accounts",
  cluster: "Clusters",
};

export const SEVERITY_LABELS: Record<Severity, string> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};

export const VERDICT_LABELS: Record<Verdict, string> = {
  pass: "Passed",
  fail: "Failed",
  unknown: "Unknown",
  not_applicable: "Does not apply",
};

const NONE_LABELS: Record<PostureColumn, string> = {
  team: "Nobody's",
  unit: "No unit",
  account: "In no account",
  cluster: "In no cluster",
};

/** What a column is called where its key is empty. */
export function columnLabel(by: PostureColumn, { key, label }: { key: string | null; label: string }): string {
  return key === "" ? NONE_LABELS[by] : label;
}

/** "3 failed, 2 waived, 40 passed": what is there, the worst first. */
export function countsWords(counts: PostureCounts): string {
  const parts = COUNT_KINDS.filter((kind) => counts[kind] > 0).map(
    (kind) => `${formatCount(counts[kind])} ${COUNT_LABELS[kind].toLowerCase()}`,
  );
  return parts.length === 0 ? "nothing to evaluate" : parts.join("; ");
}

export function populationOf(counts: PostureCounts): number {
  return COUNT_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

/** Of what can pass or fail and is known, the share that passes, rounded down: 99.9 % is not all. Null where nothing is known. */
export function passShare(counts: PostureCounts): string | null {
  const known = counts.pass + counts.fail + counts.waived + counts.unknown + counts.notEvaluated;
  if (known === 0) return null;
  return `${(Math.floor((counts.pass / known) * 1000) / 10).toFixed(1)} %`;
}

export function changeWords(before: number, now: number): string {
  const change = now - before;
  return `${change > 0 ? "+" : MINUS}${formatCount(Math.abs(change))}`;
}

export function daysWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "day" : "days"}`;
}

export function resourcesWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "resource" : "resources"}`;
}

/** Whole days between two instants, as a person says it: "today", "12 days". */
export function sinceWords(from: string, at: string): string {
  const days = Math.floor((Date.parse(at) - Date.parse(from)) / 86_400_000);
  return days < 1 ? "under a day" : daysWords(days);
}
