import { z } from "zod";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { baselineRule, broken, hostOf, instantOf } from "#lib/sources/baseline/host-result.ts";
import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";

const hostResult = z.object({
  action: z.string().optional(),
  changed: z.boolean().optional(),
  failed: z.boolean().optional(),
  skipped: z.boolean().optional(),
  unreachable: z.boolean().optional(),
  rc: z.number().optional(),
  msg: z.unknown().optional(),
});
/** What the callback `ansible.posix.json` writes: plays, their tasks, and what each said on each host. */
const callback = z.object({
  plays: z.array(
    z.object({
      play: z.object({ name: z.string().optional() }),
      tasks: z.array(
        z.object({
          task: z.object({
            name: z.string().optional(),
            duration: z.object({ start: z.string().optional(), end: z.string().optional() }).optional(),
          }),
          hosts: z.record(z.string(), hostResult),
        }),
      ),
    }),
  ),
});

/** Actions that look and say nothing of how a host ought to be. */
const NO_RULES = [
  "setup",
  "gather_facts",
  "debug",
  "set_fact",
  "include_tasks",
  "import_tasks",
  "include_vars",
  "meta",
];
const LONGEST_NOTE = 500;

/**
 * Each named task is a rule and each host a resource. A task that was not run on a host does not apply to it, and a host that could not be
 * reached is unknown. Of what the task answered only its outcome is kept as evidence: the rest repeats the module's arguments, which may be secret.
 */
export function parseAnsible(file: string, value: unknown, changedTask: "fail" | "pass"): ReportedResult[] {
  const parsed = callback.safeParse(value);
  if (!parsed.success) throw broken(file, "is not what Ansible's JSON callback writes", parsed.error);
  return parsed.data.plays.flatMap(({ play, tasks }) =>
    tasks.flatMap(({ task, hosts }) =>
      Object.entries(hosts).flatMap(([host, result]): ReportedResult[] => {
        const name = task.name?.trim() ?? "";
        if (name === "" || isNoRule(result.action)) return [];
        const { action, changed, failed, skipped, unreachable, rc } = result;
        return [
          {
            ruleKey: baselineRule("ansible", name),
            title: name,
            description: null,
            severity: null,
            remedy: null,
            details: { tool: "Ansible", play: play.name ?? null },
            resource: hostOf(host),
            verdict: verdictOf(result, changedTask),
            note: typeof result.msg === "string" ? result.msg.slice(0, LONGEST_NOTE) : null,
            evidence: { action, changed, failed, skipped, unreachable, rc },
            at: instantOf(task.duration?.end ?? task.duration?.start),
          },
        ];
      }),
    ),
  );
}

function isNoRule(action: string | undefined): boolean {
  return action !== undefined && NO_RULES.includes(action.slice(action.lastIndexOf(".") + 1));
}

function verdictOf(result: z.infer<typeof hostResult>, changedTask: "fail" | "pass"): Verdict {
  if (result.unreachable) return "unknown";
  if (result.failed) return "fail";
  if (result.skipped) return "not_applicable";
  return result.changed ? changedTask : "pass";
}
