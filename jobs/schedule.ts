import type { Config, SourceSpec } from "#lib/config.ts";
import type { JobPayload } from "#lib/services/runs/job-payloads.ts";

/** Every schedule of Bursar, in UTC. A source's own `schedule` in bursar.yaml takes the place of its kind's. */
export const PLAN_SOURCE: Record<SourceSpec["kind"], string> = {
  // Providers deliver several times a day; listing a manifest costs next to nothing.
  focus: "15 * * * *",
  // Every page has its price, and AWS itself refreshes the figures a few times a day.
  "aws-cost-explorer": "45 6 * * *",
  "aws-organizations": "25 */6 * * *",
  "directory-file": "5 * * * *",
  // Reference rates are published on working days around 15:00 UTC.
  "exchange-rates-file": "35 */3 * * *",
};

/** Every worker looks for runs that fell silent, whichever worker they were on. */
export const WATCH_RUNS_EVERY_MS = 10_000;

export type PlanSchedule = { key: string; cron: string; payload: JobPayload<"plan-source"> };

export function planSchedules(config: Config): PlanSchedule[] {
  return Object.entries(config.sources).map(([key, spec]) => ({
    key,
    cron: spec.schedule ?? PLAN_SOURCE[spec.kind],
    payload: { sourceKey: key, trigger: "schedule" },
  }));
}
