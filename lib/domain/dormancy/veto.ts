import { longestRestDays } from "#lib/domain/dormancy/cron-interval.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import { comparable } from "#lib/domain/tags.ts";

/** What could be read, or why not. */
export type Known<T> = { known: true; value: T } | { known: false; detail: string };

/** What a namespace is and holds now, as far as it may speak against calling it unused. */
export type NamespaceFacts = {
  name: string;
  labels: Readonly<Record<string, string>>;
  isTerminating: boolean;
  cronJobs: Known<readonly { name: string; schedule: string; isSuspended: boolean }[]>;
  /** What keeps it as it is: GitOps applications and operators, by name ("Argo CD application claims"). */
  managedBy: Known<readonly string[]>;
  /** Custom resources in it that a controller or somebody else watches, by kind and name. */
  watchedResources: Known<readonly string[]>;
  /** Claims on volumes; `bytes` null = not known how much is in it. */
  volumes: Known<readonly { name: string; bytes: number | null }[]>;
  /** An exemption that somebody has given; `until` is exclusive, null = for good. */
  exemption: { reason: string; until: string | null } | null;
};

export type VetoKind =
  | "cron-job"
  | "managed"
  | "watched-resource"
  | "protected-name"
  | "protected-label"
  | "terminating"
  | "holds-data"
  | "exemption";

export type Veto = {
  kind: VetoKind;
  /** One sentence on what speaks against it. */
  reason: string;
  /** What would take the veto away. */
  wouldChange: string;
};

export type VetoOptions = {
  at: string;
  windowDays: number;
  protectedNames: readonly string[];
  protectedLabels: readonly { key: string; value?: string }[];
};

/** Names that Kubernetes and its distributions own; they are protected wherever nothing else is said. */
export const PROTECTED_NAMES: readonly string[] = [
  "default",
  "kube-*",
  "openshift*",
  "cattle-*",
  "istio-system",
  "cert-manager",
];

/**
 * What speaks against calling a quiet namespace unused, and what is not known about that.
 *
 * | veto             | because                                                                          |
 * | ---------------- | -------------------------------------------------------------------------------- |
 * | cron-job         | it rests longer than the window, so that a quiet window is how it should be       |
 * | managed          | GitOps or an operator would bring it back, and its source is where it has to go   |
 * | watched-resource | a custom resource may be all that it is for: no pod is ever needed               |
 * | protected-name   | a pattern of the settings                                                         |
 * | protected-label  | a label of the settings                                                           |
 * | terminating      | it is going already                                                               |
 * | holds-data       | its volumes hold what cannot be made again: asleep                                |
 * | exemption        | somebody has decided, with a reason                                               |
 */
export function findVetoes(facts: NamespaceFacts, options: VetoOptions): { vetoes: Veto[]; unknown: string[] } {
  const readings = [
    readFact("cron jobs", facts.cronJobs, (jobs) => jobs.flatMap((job) => cronJobVeto(job, options))),
    readFact("who manages it", facts.managedBy, (managers) => managers.map(managedVeto)),
    readFact("custom resources", facts.watchedResources, (resources) => resources.map(watchedVeto)),
    readFact("volumes", facts.volumes, (volumes) => volumes.filter(mayHoldData).map(volumeVeto)),
  ];
  const own = [...protectedVetoes(facts, options), ...terminatingVeto(facts), ...exemptionVeto(facts, options.at)];
  return {
    vetoes: [...own, ...readings.flatMap((one) => one.vetoes)],
    unknown: readings.flatMap((one) => one.unknown),
  };
}

function readFact<T>(
  what: string,
  fact: Known<readonly T[]>,
  vetoesOf: (value: readonly T[]) => Veto[],
): { vetoes: Veto[]; unknown: string[] } {
  if (fact.known) return { vetoes: vetoesOf(fact.value), unknown: [] };
  return { vetoes: [], unknown: [`The ${what} could not be read: ${fact.detail}`] };
}

function cronJobVeto(
  job: { name: string; schedule: string; isSuspended: boolean },
  { at, windowDays }: VetoOptions,
): Veto[] {
  if (job.isSuspended) return [];
  const days = longestRestDays(job.schedule, new Date(at));
  if (days !== null && days <= windowDays) return [];
  const rest = days === null ? "whose schedule cannot be read" : `which may rest for ${days} days`;
  return [
    {
      kind: "cron-job",
      reason: `The cron job ${job.name} (${job.schedule}), ${rest}, will run again.`,
      wouldChange: `Suspend or delete the cron job ${job.name}, or look at a longer window.`,
    },
  ];
}

function managedVeto(manager: string): Veto {
  return {
    kind: "managed",
    reason: `${manager} keeps it as it is.`,
    wouldChange: `Take it out of ${manager}.`,
  };
}

function watchedVeto(resource: string): Veto {
  return {
    kind: "watched-resource",
    reason: `It holds ${resource}, which a controller watches.`,
    wouldChange: `Delete ${resource}.`,
  };
}

/** A volume of which is not known how much is in it may hold data. */
function mayHoldData({ bytes }: { bytes: number | null }): boolean {
  return bytes === null || bytes > 0;
}

function volumeVeto({ name, bytes }: { name: string; bytes: number | null }): Veto {
  return {
    kind: "holds-data",
    reason: `The volume ${name} holds data${bytes === null ? ", as far as is known" : ""}.`,
    wouldChange: `Archive and delete the volume ${name}.`,
  };
}

function protectedVetoes(facts: NamespaceFacts, options: VetoOptions): Veto[] {
  const patterns = options.protectedNames.filter((pattern) => compileGlob(pattern)(facts.name));
  const labels = options.protectedLabels.filter(({ key, value }) => {
    const found = Object.hasOwn(facts.labels, key) ? facts.labels[key] : undefined;
    return found !== undefined && (value === undefined || comparable(found) === comparable(value));
  });
  return [
    ...patterns.map((pattern): Veto => ({
      kind: "protected-name",
      reason: `Its name is protected by the pattern ${pattern}.`,
      wouldChange: `Take the pattern ${pattern} out of the protected names.`,
    })),
    ...labels.map(({ key }): Veto => ({
      kind: "protected-label",
      reason: `Its label ${key} protects it.`,
      wouldChange: `Remove the label ${key}.`,
    })),
  ];
}

function terminatingVeto({ isTerminating }: NamespaceFacts): Veto[] {
  if (!isTerminating) return [];
  return [
    {
      kind: "terminating",
      reason: "It is being deleted already.",
      wouldChange: "Nothing needs to be done unless a finalizer holds it up.",
    },
  ];
}

function exemptionVeto({ exemption }: NamespaceFacts, at: string): Veto[] {
  if (exemption === null || (exemption.until !== null && Date.parse(at) >= Date.parse(exemption.until))) return [];
  const until = exemption.until === null ? "" : ` until ${exemption.until}`;
  return [
    {
      kind: "exemption",
      reason: `It is exempt${until}: ${exemption.reason}`,
      wouldChange: "End the exemption.",
    },
  ];
}
