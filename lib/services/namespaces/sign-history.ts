import type { SignName } from "#lib/domain/dormancy/sign.ts";
import type { NamespaceInventory } from "#lib/sources/cluster-inventory.ts";

/** The signs that a cluster's own API shows; the others come from metrics and from the audit log. */
export const LOOKED_AT = ["pods", "workloads", "endpoints", "rollout", "image", "jobs"] as const satisfies SignName[];
export type LookedAt = (typeof LOOKED_AT)[number];

/** What has been seen of a sign since it was first known. Instants are ISO 8601. */
export type SeenSign = { observedFrom: string; lastUse: string | null; detail: string };

/** `images` and `generations`: of every workload as they were last seen, to notice a change; null before they were first known. */
export type SignHistory = {
  signs: Partial<Record<LookedAt, SeenSign>>;
  images: string | null;
  generations?: string | null;
};

/** The kinds, as RBAC names them, without which a sign is not known. */
export const KINDS_OF_SIGN: Readonly<Record<LookedAt, readonly string[]>> = {
  pods: ["pods"],
  workloads: ["deployments.apps", "statefulsets.apps", "daemonsets.apps"],
  endpoints: ["services", "endpointslices.discovery.k8s.io"],
  rollout: ["deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps"],
  image: ["deployments.apps", "statefulsets.apps", "daemonsets.apps"],
  jobs: ["jobs.batch", "cronjobs.batch"],
};

/** At most so many names stand in a detail. */
const MOST_NAMES = 3;

/**
 * Adds one look to what was seen before. Pure. What could not be read leaves its sign as it was: the gap shows in the looks.
 *
 * @param at the instant of the look, not before the one that `previous` ends with.
 */
export function addLook(previous: SignHistory | null, seen: NamespaceInventory, at: Date): SignHistory {
  const time = at.toISOString();
  const signs = { ...previous?.signs };
  const note = (sign: LookedAt, use: { lastUse: string | null; detail: string } | null) => {
    if (use === null) return;
    const before = signs[sign];
    const lastUse = latest(before?.lastUse ?? null, use.lastUse);
    signs[sign] = {
      observedFrom: before?.observedFrom ?? time,
      lastUse,
      detail: use.lastUse === lastUse && use.detail !== "" ? use.detail : (before?.detail ?? use.detail),
    };
  };
  const images = imagesOf(seen);
  const generations = generationsOf(seen);
  note("pods", podUse(seen, time));
  note("workloads", workloadUse(seen, time));
  note("endpoints", endpointUse(seen, time));
  note("rollout", rolloutUse(seen, at, differs(previous?.generations, generations)));
  note("jobs", jobUse(seen, at));
  if (images !== null) note("image", { lastUse: differs(previous?.images, images) ? time : null, detail: "" });
  return {
    signs,
    images: images ?? previous?.images ?? null,
    generations: generations ?? previous?.generations ?? null,
  };
}

/** True where both are known and are not the same. */
function differs(before: string | null | undefined, after: string | null): boolean {
  return typeof before === "string" && after !== null && before !== after;
}

function podUse({ pods }: NamespaceInventory, time: string) {
  if (pods === null) return null;
  const present = pods.running + pods.pending;
  return present > 0 ? { lastUse: time, detail: `${present} of them` } : { lastUse: null, detail: "" };
}

function workloadUse({ workloads }: NamespaceInventory, time: string) {
  if (workloads === null) return null;
  const asking = workloads.filter(({ desired }) => desired > 0).map(({ kind, name }) => `${kind} ${name}`);
  return asking.length > 0 ? { lastUse: time, detail: listed(asking) } : { lastUse: null, detail: "" };
}

function endpointUse({ services }: NamespaceInventory, time: string) {
  if (services === null) return null;
  const reached = services.filter(({ hasEndpoints }) => hasEndpoints === true).map(({ name }) => name);
  if (reached.length > 0) return { lastUse: time, detail: listed(reached) };
  return services.some(({ hasEndpoints }) => hasEndpoints === null) ? null : { lastUse: null, detail: "" };
}

/** Not every kind of workload says when it was rolled out; that it asks for something else than at the look before shows. */
function rolloutUse({ workloads }: NamespaceInventory, at: Date, isChanged: boolean) {
  if (workloads === null) return null;
  if (isChanged) return { lastUse: at.toISOString(), detail: "" };
  const newest = newestOf(
    workloads.flatMap(({ kind, name, lastRolloutAt }) =>
      lastRolloutAt === null ? [] : [{ at: lastRolloutAt, detail: `${kind} ${name}` }],
    ),
    at,
  );
  return newest ?? { lastUse: null, detail: "" };
}

function jobUse({ jobs, cronJobs }: NamespaceInventory, at: Date) {
  if (jobs === null || cronJobs === null) return null;
  const runs = [
    ...jobs.flatMap(({ name, active, lastFinishedAt, startedAt }) =>
      active > 0
        ? [{ at, detail: `job ${name}` }]
        : [lastFinishedAt, startedAt].flatMap((run) => (run === null ? [] : [{ at: run, detail: `job ${name}` }])),
    ),
    ...cronJobs.flatMap(({ name, lastScheduledAt, lastSuccessfulAt }) =>
      [lastScheduledAt, lastSuccessfulAt].flatMap((run) =>
        run === null ? [] : [{ at: run, detail: `cron job ${name}` }],
      ),
    ),
  ];
  return newestOf(runs, at) ?? { lastUse: null, detail: "" };
}

/** A cluster's clock may be ahead of ours: nothing is used later than it was looked at. */
function newestOf(uses: readonly { at: Date; detail: string }[], look: Date) {
  const newest = uses.reduce<{ at: Date; detail: string } | null>(
    (found, use) => (found === null || use.at.getTime() > found.at.getTime() ? use : found),
    null,
  );
  if (newest === null) return null;
  const time = Math.min(newest.at.getTime(), look.getTime());
  return { lastUse: new Date(time).toISOString(), detail: newest.detail };
}

function imagesOf({ workloads }: NamespaceInventory): string | null {
  if (workloads === null) return null;
  return workloads
    .map(({ kind, name, images }) => `${kind} ${name} ${images.toSorted().join(" ")}`)
    .toSorted()
    .join("\n");
}

function generationsOf({ workloads }: NamespaceInventory): string | null {
  if (workloads === null) return null;
  return workloads
    .map(({ uid, generation }) => `${uid} ${generation ?? ""}`)
    .toSorted()
    .join("\n");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function latest(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return Date.parse(right) > Date.parse(left) ? right : left;
}
