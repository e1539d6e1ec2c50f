import type { DormancyEvidence } from "#lib/domain/dormancy/judge-dormancy.ts";
import type { SignEvidence, SignName, TimeRange } from "#lib/domain/dormancy/sign.ts";
import type { Known, NamespaceFacts } from "#lib/domain/dormancy/veto.ts";
import { observationGaps, type Look } from "#lib/services/namespaces/observation-gaps.ts";
import { KINDS_OF_SIGN, LOOKED_AT, type LookedAt, type SignHistory } from "#lib/services/namespaces/sign-history.ts";
import type { StoredContent } from "#lib/services/namespaces/stored-namespace.ts";

/** What is stored about a namespace that is there. */
export type JudgedNamespace = {
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  isTerminating: boolean;
  content: StoredContent;
  signs: SignHistory;
  exemption: { reason: string; until: string | null } | null;
};

/** What a cluster's looks say of every namespace alike. */
export type ClusterEvidence = {
  gaps: Readonly<Record<LookedAt, readonly TimeRange[]>>;
  /** Why a kind could not be read at the last look, by its name. */
  unknown: ReadonlyMap<string, string>;
};

/** The gaps of every sign in one cluster, worked out once for all of its namespaces. */
export function clusterEvidence(
  looks: readonly Look[],
  unknown: readonly { kind: string; message: string }[],
  at: Date,
): ClusterEvidence {
  const gaps = Object.fromEntries(LOOKED_AT.map((sign) => [sign, observationGaps(looks, KINDS_OF_SIGN[sign], at)]));
  return {
    gaps: gaps as Record<LookedAt, TimeRange[]>,
    unknown: new Map(unknown.map(({ kind, message }) => [kind, message])),
  };
}

export type UsageSigns = { cpu: SignEvidence; traffic: SignEvidence };

export const NO_USAGE: UsageSigns = {
  cpu: { state: "not-collected", detail: "no source of usage is configured for its cluster." },
  traffic: { state: "not-collected", detail: "no source of usage is configured for its cluster." },
};

const NO_AUDIT_LOG: SignEvidence = { state: "not-collected", detail: "no audit log of the cluster is read." };

/** What speaks for and against the use of one namespace, as judgeDormancy asks for it. Pure. */
export function evidenceOf(
  namespace: JudgedNamespace,
  cluster: ClusterEvidence,
  usage: UsageSigns = NO_USAGE,
  people: SignEvidence = NO_AUDIT_LOG,
): DormancyEvidence {
  const signs: Partial<Record<SignName, SignEvidence>> = {
    ...usage,
    people,
  };
  for (const sign of LOOKED_AT) signs[sign] = signEvidence(sign, namespace.signs, cluster);
  return { signs, facts: factsOf(namespace, cluster) };
}

function signEvidence(sign: LookedAt, history: SignHistory, { gaps, unknown }: ClusterEvidence): SignEvidence {
  const missing = KINDS_OF_SIGN[sign].find((kind) => unknown.has(kind));
  const seen = history.signs[sign];
  if (missing !== undefined && !seen?.lastUse) return { state: "unknown", detail: unknown.get(missing) ?? missing };
  if (seen === undefined) return { state: "unknown", detail: "it has not been read yet." };
  const from = Date.parse(seen.observedFrom);
  return {
    state: "observed",
    observedFrom: seen.observedFrom,
    gaps: gaps[sign].filter((gap) => Date.parse(gap.to) > from),
    lastUse: seen.lastUse,
    detail: seen.lastUse === null ? "" : seen.detail,
  };
}

const KEEP_UNTIL = /(^|\/)keep-until$/;
const KEEP_REASON = /(^|\/)keep-reason$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** An exemption that is written on the namespace itself: ".../keep-until: 2027-03-31", with ".../keep-reason" beside it. */
export function exemptionOnNamespace(
  annotations: Readonly<Record<string, string>>,
): { reason: string; until: string | null } | null {
  const entries = Object.entries(annotations);
  const until = entries.find(([key]) => KEEP_UNTIL.test(key));
  if (until === undefined) return null;
  const reason = entries.find(([key]) => KEEP_REASON.test(key))?.[1] ?? `its annotation ${until[0]} says so.`;
  const text = until[1].trim();
  // "Until the 31st" means the day is over.
  const end = Date.parse(DAY.test(text) ? `${text}T23:59:59.999Z` : text);
  return { reason, until: Number.isNaN(end) ? null : new Date(end).toISOString() };
}

function factsOf(namespace: JudgedNamespace, { unknown }: ClusterEvidence): NamespaceFacts {
  const { name, labels, annotations, isTerminating, content, exemption } = namespace;
  const reasonOf = (kinds: RegExp): string =>
    [...unknown].find(([kind]) => kinds.test(kind))?.[1] ?? "it has not been read yet.";
  const known = <Part, Value>(part: Part | null, kinds: RegExp, value: (part: Part) => Value): Known<Value> =>
    part === null ? { known: false, detail: reasonOf(kinds) } : { known: true, value: value(part) };
  const keepers = managersOnNamespace(labels, annotations);
  return {
    name,
    labels,
    isTerminating,
    cronJobs: known(content.cronJobs, /^cronjobs\./, (jobs) =>
      jobs.map((job) => ({ name: job.name, schedule: job.schedule, isSuspended: job.suspended })),
    ),
    managedBy: known(content.workloads, /\.apps$/, (workloads) => [
      ...new Set([...keepers, ...workloads.flatMap(({ managedBy }) => (isKeeper(managedBy) ? [managedBy] : []))]),
    ]),
    watchedResources: known(content.customResources, /\..*\./, (resources) =>
      resources.filter(({ count }) => count > 0).map(({ kind, names, count }) => `${kind} ${shownNames(names, count)}`),
    ),
    volumes: known(content.volumes, /^persistentvolume/, (volumes) =>
      volumes.map(({ claim }) => ({ name: claim, bytes: null })),
    ),
    exemption: exemption ?? exemptionOnNamespace(annotations),
  };
}

function shownNames(names: readonly string[], count: number): string {
  const [first] = names;
  if (first === undefined) return `(${count})`;
  return count > 1 ? `${first} and ${count - 1} more` : first;
}

/** Helm installs and goes away again; GitOps and operators bring back what they keep. */
function isKeeper(managedBy: string | null): managedBy is string {
  return managedBy !== null && !/^helm\b/i.test(managedBy);
}

/** What GitOps writes on a namespace that it keeps. */
function managersOnNamespace(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): string[] {
  const argo =
    annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"] ?? null;
  const kustomization = labels["kustomize.toolkit.fluxcd.io/name"] ?? null;
  const release = labels["helm.toolkit.fluxcd.io/name"] ?? null;
  return [
    ...(argo === null ? [] : [`The Argo CD application ${argo}`]),
    ...(kustomization === null ? [] : [`The Flux kustomization ${kustomization}`]),
    ...(release === null ? [] : [`The Flux release ${release}`]),
  ];
}
