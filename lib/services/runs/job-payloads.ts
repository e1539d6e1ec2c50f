import { z } from "zod";

const runId = z.uuid();
const sourceKey = z.string().min(1);
/** The instant that the work is done for. It travels with the job, so that a repeated job does the same again. */
const logicalTime = z.iso.datetime();

/** What each task is given. The queue is an edge: what comes out of it is parsed again. */
export const jobPayloads = {
  "plan-source": z.object({
    sourceKey,
    trigger: z.enum(["schedule", "person", "command-line", "rule-change"]),
    /** A schedule's job has none: it is done for the instant at which it was queued. */
    logicalTime: logicalTime.optional(),
  }),
  "pull-slice": z.object({ runId, sourceKey, period: z.string().min(1), logicalTime }),
  /** Days are half-open; of those only what is not split as it should be is split. */
  "split-cluster": z.object({ clusterKey: z.string().min(1), from: z.iso.date(), to: z.iso.date(), logicalTime }),
  "read-usage": z.object({ sourceKey, clusterKey: z.string().min(1), logicalTime }),
  /** It is done for the instant at which it was queued. */
  "sample-usage": z.object({}),
  /** It is done for the instant at which it was queued. */
  "seal-trail": z.object({}),
  /** It is done for the instant at which it was queued. */
  "drop-expired": z.object({}),
  "settle-trail": z.object({}),
  /** It is done for the instant at which it runs: what has changed meanwhile counts too. */
  "judge-people": z.object({}),
  "reallocate-slice": z.object({ runId, sliceId: z.int(), logicalTime }),
  "make-report": z.object({ reportId: z.uuid(), logicalTime }),
} satisfies Record<string, z.ZodType<object>>;

export type TaskName = keyof typeof jobPayloads;
export type JobPayload<Name extends TaskName> = z.infer<(typeof jobPayloads)[Name]>;

export const TASK_NAMES: readonly TaskName[] = [
  "plan-source",
  "pull-slice",
  "make-report",
  "reallocate-slice",
  "read-usage",
  "sample-usage",
  "split-cluster",
  "seal-trail",
  "drop-expired",
  "settle-trail",
  "judge-people",
];
