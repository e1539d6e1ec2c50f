import type { Config, SourceSpec } from "#lib/config.ts";
import { EVALUATION_SCHEDULES } from "#lib/services/evaluations/look-reach.ts";
import { SAMPLE_EVERY_MINUTES } from "#lib/services/usage/sampled-day.ts";
import type { JobPayload } from "#lib/services/runs/job-payloads.ts";

/** Every schedule of Bursar, in UTC. A source's own `schedule` in bursar.yaml takes the place of its kind's. */
export const PLAN_SOURCE: Record<SourceSpec["kind"], string> = {
  // Providers deliver several times a day; listing a manifest costs next to nothing.
  focus: "15 * * * *",
  // Every page has its price, and AWS itself refreshes the figures a few times a day.
  "aws-cost-explorer": "45 6 * * *",
  ...EVALUATION_SCHEDULES,
  "aws-organizations": "25 */6 * * *",
  // Whatever starts and stops in between is in the samples of use.
  "aws-ecs": "40 * * * *",
  // What comes and goes within the hour is not seen; each look lists everything, and is not free for the API server.
  kubernetes: "50 * * * *",
  // What its API servers post comes by itself; files and logs are looked at often, for a trail is asked about today.
  "kubernetes-audit": "*/10 * * * *",
  // CloudTrail itself writes about every five minutes.
  "aws-cloudtrail": "*/15 * * * *",
  "azure-activity": "*/10 * * * *",
  "rancher-audit": "*/10 * * * *",
  argocd: "*/10 * * * *",
  terraform: "*/10 * * * *",
  servicenow: "*/10 * * * *",
  "directory-file": "5 * * * *",
  // Reference rates are published on working days around 15:00 UTC.
  "exchange-rates-file": "35 */3 * * *",
};

/** Clusters without Prometheus and OpenCost are sampled as often as usage needs it to be known by the hour. */
export const SAMPLE_USAGE = `*/${SAMPLE_EVERY_MINUTES} * * * *`;

/** What was done in Bursar comes into the trail, and its head is published where something did. */
export const SEAL_TRAIL = "*/5 * * * *";

/** Records of the trail whose time is over are dropped, where bursar.yaml gives their class a time at all. */
export const DROP_EXPIRED = "20 * * * *";

/** What searches of the trail read is brought into their order, where a million events came since. */
export const SETTLE_TRAIL = "55 * * * *";

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
