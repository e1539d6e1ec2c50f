/** What is looked at to tell whether a namespace is used. */
export type SignName = "pods" | "workloads" | "endpoints" | "cpu" | "traffic" | "rollout" | "image" | "jobs" | "people";

/**
 * What was seen of a sign. Instants are ISO 8601 in UTC, ranges half-open.
 *
 * - "observed": by ourselves, from `observedFrom` to now except for the gaps. `lastUse` is the newest instant at which it showed use;
 *   null = never. Where it still shows use, `lastUse` is the last observation.
 * - "not-collected": nobody has configured the source that would tell. Where it was there and is lost, that is "unknown".
 * - "unknown": the source refused or failed.
 *
 * Kubernetes keeps events for an hour, so that their absence is no observation of anything: no sign is read from events.
 */
export type SignEvidence =
  | { state: "observed"; observedFrom: string; gaps: readonly TimeRange[]; lastUse: string | null; detail: string }
  | { state: "not-collected"; detail: string }
  /** What would tell is read, and only what it tells counts: that it tells of nothing proves nothing. */
  | { state: "told-nothing"; detail: string }
  | { state: "unknown"; detail: string };

export type TimeRange = { from: string; to: string };

/**
 * "presence" is there to be used: a pod that runs may do nothing. "activity" is use. A sign that is `required` must be observed for
 * the verdict "unused"; the others must be where something is present, because nothing else tells whether it does anything.
 */
export type SignMeaning = {
  kind: "presence" | "activity";
  required: boolean;
  /** What is said where it shows use, and where it does not. */
  shows: string;
  quiet: string;
  /** What would tell, for those who have to give permission. */
  readFrom: string;
};

/** The one table of signs. */
export const SIGNS: Readonly<Record<SignName, SignMeaning>> = {
  pods: {
    kind: "presence",
    required: true,
    shows: "Pods ran",
    quiet: "No pod ran",
    readFrom: "pods",
  },
  workloads: {
    kind: "presence",
    required: true,
    shows: "A workload asked for replicas",
    quiet: "Every workload was scaled to zero, or there was none",
    readFrom: "deployments, stateful sets and daemon sets",
  },
  endpoints: {
    kind: "presence",
    required: true,
    shows: "A service had endpoints",
    quiet: "No service had an endpoint",
    readFrom: "services and endpoint slices",
  },
  cpu: {
    kind: "activity",
    required: false,
    shows: "CPU use was above the noise floor",
    quiet: "CPU use stayed below the noise floor",
    readFrom: "metrics of CPU use",
  },
  traffic: {
    kind: "activity",
    required: false,
    shows: "Network traffic was above the noise floor",
    quiet: "Network traffic stayed below the noise floor",
    readFrom: "metrics of network traffic",
  },
  rollout: {
    kind: "activity",
    required: true,
    shows: "A workload was rolled out",
    quiet: "No workload was rolled out",
    readFrom: "replica sets and workloads' generations",
  },
  image: {
    kind: "activity",
    required: true,
    shows: "A workload's image changed",
    quiet: "No workload's image changed",
    readFrom: "deployments, stateful sets and daemon sets",
  },
  jobs: { kind: "activity", required: true, shows: "A job ran", quiet: "No job ran", readFrom: "jobs and cron jobs" },
  people: {
    kind: "activity",
    required: false,
    shows: "A person changed something in it",
    quiet: "No person changed anything in it",
    readFrom: "the audit log",
  },
};

export const SIGN_NAMES = Object.keys(SIGNS).filter((name): name is SignName => Object.hasOwn(SIGNS, name));

/** Below these a namespace's average over an hour is the noise of probes, sidecars and garbage collection. */
export const NOISE_FLOOR = { cpuCores: 0.005, trafficBytesPerSecond: 50 } as const;

/** The newest instant at which a series was above its floor; null = never. A value of null is a gap. */
export function lastAbove(points: readonly { at: string; value: number | null }[], floor: number): string | null {
  return points.reduce<string | null>((newest, { at, value }) => {
    if (value === null || value <= floor) return newest;
    return newest === null || Date.parse(at) > Date.parse(newest) ? at : newest;
  }, null);
}
