import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import type {
  EvaluatedResource,
  EvaluatedRule,
  EvaluationItem,
  EvaluationReading,
} from "#lib/sources/evaluation-reading.ts";

/** One result as a report has it. */
export type ReportedResult = {
  ruleKey: string;
  title: string;
  description: string | null;
  severity: Severity | null;
  remedy: string | null;
  /** Product or tool and its own id of the rule. */
  details: Record<string, unknown>;
  resource: EvaluatedResource;
  verdict: Verdict;
  note: string | null;
  evidence: unknown;
  /** When it was looked at; null = the report does not say. */
  at: Date | null;
};

const DAY_MS = 86_400_000;

/**
 * Results of several reports as one reading: of one rule and resource the newest counts. What is older than `maxAgeDays` is unknown: a
 * scanner that has stopped must not leave a pass behind.
 */
export function toReading(
  results: readonly ReportedResult[],
  options: { now: Date; maxAgeDays: number },
): EvaluationReading {
  const rules = new Map<string, EvaluatedRule>();
  const newest = new Map<string, ReportedResult>();
  for (const result of results) {
    const { ruleKey, title, description, severity, remedy, details } = result;
    rules.set(ruleKey, { ruleKey, title, description, severity, remedy, details });
    const id = `${ruleKey} ${result.resource.kind} ${result.resource.key}`;
    const known = newest.get(id);
    if (!known || (known.at?.getTime() ?? 0) <= (result.at?.getTime() ?? 0)) newest.set(id, result);
  }
  async function* items(): AsyncGenerator<EvaluationItem[]> {
    yield [...newest.values()].map((result) => toItem(result, options));
  }
  return { rules: [...rules.values()], items: items(), unread: () => [] };
}

function toItem(result: ReportedResult, { now, maxAgeDays }: { now: Date; maxAgeDays: number }): EvaluationItem {
  const { ruleKey, resource, verdict, note, evidence, at } = result;
  const isOld = at !== null && now.getTime() - at.getTime() > maxAgeDays * DAY_MS;
  if (isOld)
    return {
      ruleKey,
      resource,
      verdict: "unknown",
      note: `Last looked at on ${at.toISOString().slice(0, 10)}, more than ${maxAgeDays} days ago.`,
      evidence,
      from: null,
      to: null,
    };
  return { ruleKey, resource, verdict, note, evidence, from: at !== null && at < now ? at : null, to: null };
}
