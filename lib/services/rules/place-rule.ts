import type { AllocationRule } from "#lib/domain/allocation/rule.ts";

/** Positions are this far apart, so that a rule can be put between two others without renumbering them. */
export const POSITION_STEP = 1000;

/** The position after the last rule. */
export function lastPosition(rules: readonly AllocationRule[]): number {
  return Math.max(0, ...rules.map((rule) => rule.position)) + POSITION_STEP;
}

/**
 * New positions that put a rule at `index` (0 = first) among the others: usually the moved one alone, all of them where the gap is used up.
 */
export function placeRule(rules: readonly AllocationRule[], ruleId: string, index: number): Map<string, number> {
  const others = rules.filter((rule) => rule.ruleId !== ruleId).toSorted((a, b) => a.position - b.position);
  const at = Math.max(0, Math.min(index, others.length));
  const before = others[at - 1]?.position ?? 0;
  const after = others[at]?.position ?? before + 2 * POSITION_STEP;
  const middle = Math.floor((before + after) / 2);
  if (middle > before && middle < after) return new Map([[ruleId, middle]]);
  const order = [
    ...others.slice(0, at).map((rule) => rule.ruleId),
    ruleId,
    ...others.slice(at).map((rule) => rule.ruleId),
  ];
  return new Map(order.map((id, place) => [id, (place + 1) * POSITION_STEP]));
}
