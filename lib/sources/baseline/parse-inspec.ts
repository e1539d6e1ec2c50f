import { z } from "zod";
import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import { baselineRule, broken, hostOf, instantOf } from "#lib/sources/baseline/host-result.ts";
import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";

const text = z.string().nullish();
const controlResult = z.object({
  status: z.string(),
  code_desc: text,
  start_time: text,
  message: text,
  skip_message: text,
});
const control = z.object({
  id: z.string(),
  title: text,
  desc: text,
  impact: z.number().nullish(),
  results: z.array(controlResult).default([]),
});
/** What InSpec's reporter "json" writes. */
const report = z.object({
  platform: z.object({ target_id: text }).optional(),
  profiles: z.array(z.object({ name: z.string(), title: text, controls: z.array(control).default([]) })),
});

/** The lowest impact of each severity, as InSpec names them. */
const SEVERITIES: readonly [number, Severity][] = [
  [0.9, "critical"],
  [0.7, "high"],
  [0.4, "medium"],
  [0.01, "low"],
];

/**
 * Each control is a rule. The report does not name the host that it is of: the file's own name does, without its ending.
 */
export function parseInspec(file: string, value: unknown): ReportedResult[] {
  const parsed = report.safeParse(value);
  if (!parsed.success) throw broken(file, "is not what InSpec's JSON reporter writes", parsed.error);
  const { platform, profiles } = parsed.data;
  const host = file.slice(file.lastIndexOf("/") + 1).replace(/\.[^.]+$/, "");
  return profiles.flatMap(({ name, controls }) =>
    controls.map((own) => {
      const failed = own.results.find(({ status }) => status === "failed");
      const skipped = own.results.find(({ status }) => status === "skipped");
      const times = own.results.flatMap(({ start_time: at }) => instantOf(at ?? undefined) ?? []);
      return {
        ruleKey: baselineRule(name, own.id),
        title: own.title ?? own.id,
        description: own.desc ?? null,
        severity: SEVERITIES.find(([least]) => (own.impact ?? 0) >= least)?.[1] ?? null,
        remedy: null,
        details: { tool: "InSpec", profile: name, control: own.id },
        resource: hostOf(host),
        verdict: verdictOf(own),
        note: failed ? (failed.message ?? failed.code_desc ?? null) : (skipped?.skip_message ?? null),
        evidence: { targetId: platform?.target_id ?? null, impact: own.impact ?? null, results: own.results },
        at: times.length === 0 ? null : new Date(Math.max(...times.map((at) => at.getTime()))),
      };
    }),
  );
}

function verdictOf({ impact, results }: z.infer<typeof control>): Verdict {
  if (results.some(({ status }) => status === "failed")) return "fail";
  // A control of no impact is one that its author switched off for this host.
  if (impact === 0) return "not_applicable";
  return results.length > 0 && results.every(({ status }) => status === "passed") ? "pass" : "unknown";
}
