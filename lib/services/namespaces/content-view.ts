import type { BindingView, GuardrailView, NamespaceContentView } from "#lib/services/namespaces/namespace-view.ts";
import type { StoredContent } from "#lib/services/namespaces/stored-namespace.ts";

const UNKNOWN: NamespaceContentView = {
  pods: null,
  workloads: null,
  cronJobs: null,
  jobs: null,
  services: null,
  ingresses: null,
  volumes: null,
  customResources: null,
};

/** What is in a namespace, as its page shows it. @param content null = not known at all. */
export function contentViewOf(content: StoredContent | null): NamespaceContentView {
  if (content === null) return UNKNOWN;
  const { pods } = content;
  return {
    pods: pods && {
      total: pods.total,
      running: pods.running,
      pending: pods.pending,
      cpuCores: decimals(pods.requests.cpuCores),
      memoryGib: decimals(pods.requests.memoryGib),
      gpus: decimals(pods.requests.gpus),
    },
    workloads:
      content.workloads?.map(({ kind, name, desired, ready, images, lastRolloutAt, managedBy, isSuspended }) => ({
        kind,
        name,
        desired,
        ready,
        images,
        lastRolloutAt,
        managedBy,
        isSuspended,
      })) ?? null,
    cronJobs:
      content.cronJobs?.map(({ name, schedule, suspended, lastScheduledAt, lastSuccessfulAt }) => ({
        name,
        schedule,
        suspended,
        lastScheduledAt,
        lastSuccessfulAt,
      })) ?? null,
    jobs:
      content.jobs?.map(({ name, lastFinishedAt, active, cronJob }) => ({ name, lastFinishedAt, active, cronJob })) ??
      null,
    services: content.services,
    ingresses: content.ingresses,
    volumes:
      content.volumes?.map(({ claim, phase, gib, storageClass, isUsedByPod }) => ({
        claim,
        phase,
        gib: gib === null ? null : decimals(gib),
        storageClass,
        isUsedByPod,
      })) ?? null,
    customResources:
      content.customResources?.map(({ group, kind, count, managedBy }) => ({ group, kind, count, managedBy })) ?? null,
  };
}

/** What keeps a namespace within bounds, and what is missing of it. */
export function guardrailsOf(content: StoredContent | null): GuardrailView[] {
  const { quotas, limitRanges, networkPolicies } = content ?? {
    quotas: null,
    limitRanges: null,
    networkPolicies: null,
  };
  const denies = networkPolicies?.filter(({ isDefaultDeny }) => isDefaultDeny) ?? null;
  return [
    guardrail("quota", "Resource quota", quotas, ({ name, hard }) =>
      [name, ...Object.entries(hard).map(([resource, amount]) => `${resource} ${amount}`)].join(" · "),
    ),
    guardrail("limits", "Limit range", limitRanges, ({ name }) => name),
    guardrail("network-policy", "Network policy", networkPolicies, ({ name }) => name),
    guardrail("default-deny", "Traffic is denied where no policy allows it", denies, ({ name }) => name),
  ];
}

function guardrail<Item>(
  name: GuardrailView["name"],
  title: string,
  found: readonly Item[] | null,
  describe: (item: Item) => string,
): GuardrailView {
  if (found === null) return { name, title, standing: "unknown", detail: "It may not be read." };
  const standing = found.length > 0 ? "ok" : "missing";
  return { name, title, standing, detail: found.map(describe).join("; ") };
}

export function bindingsOf(content: StoredContent | null): BindingView[] | null {
  return (
    content?.roleBindings?.map(({ name, role, kind, subjects }) => ({
      name,
      role,
      isClusterRole: kind === "ClusterRole",
      subjects,
    })) ?? null
  );
}

/** Cores and GiB to three decimals, without trailing zeros. */
function decimals(amount: number): string {
  return String(Math.round(amount * 1000) / 1000);
}
