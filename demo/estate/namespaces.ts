import { addDays, type Day } from "#lib/domain/period.ts";
import {
  type Cluster,
  type ClusterFeature,
  type ClusterNeed,
  type ClusterNode,
  clustersOf,
  nodesOf,
} from "#demo/estate/clusters.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { type Claim, type EvidenceKind, claimOf, evidenceMixOf } from "#demo/estate/namespaces-evidence.ts";
import { type Content, contentOf, emptyContent } from "#demo/estate/namespaces-content.ts";
import { type Placement, placePods } from "#demo/estate/namespaces-placement.ts";
import { type Planted, plantedIn, plantedContent } from "#demo/estate/namespaces-planted.ts";
import { type Random, randomFor, uuidOf } from "#demo/estate/random.ts";

/** One life of a namespace: a name that was deleted and made again has two, with two uids. */
export type PlannedNamespace = Claim &
  Content & {
    cluster: string;
    name: string;
    uid: string;
    /** ISO instants. */
    created: string;
    deleted: string | null;
    isSystem: boolean;
    dormant: boolean;
    /** When the last sign of use was seen; null for one in use. */
    dormantSince: Day | null;
    trap: Trap | null;
    /** What it said until it changed hands, null where it never did. */
    earlier: { until: string; labels: Record<string, string>; ownerTeam: string } | null;
  };

export type Trap =
  | "long-interval-cron"
  | "gitops-at-zero"
  | "operator-watched"
  | "protected-label"
  | "volumes-with-data"
  | "terminating"
  | "freshly-created"
  | "exemption";

export type NamespaceTruth = {
  cluster: string;
  namespace: string;
  uid: string;
  ownerTeam: string | null;
  /** Where the owner can be read from; "none" and "system" where it cannot. */
  evidence: EvidenceKind;
  dormant: boolean;
  trap: Trap | null;
};

export type PlannedCluster = Cluster & { lives: PlannedNamespace[]; nodes: ClusterNode[]; placement: Placement };

const BASE_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];
/** The namespaces that an installation brings along, and the team that runs it. */
const ADDED_NAMESPACES: readonly { name: string; team: string; feature: ClusterFeature | null }[] = [
  { name: "ingress-nginx", team: "cloud-platform", feature: null },
  { name: "cert-manager", team: "cloud-platform", feature: null },
  { name: "kyverno", team: "security-operations", feature: "policy-reports" },
  { name: "monitoring", team: "observability", feature: "prometheus" },
  { name: "argocd", team: "developer-experience", feature: "argo-cd" },
  { name: "flux-system", team: "developer-experience", feature: "flux" },
  { name: "capsule-system", team: "cloud-platform", feature: "capsule" },
  { name: "cattle-system", team: "cloud-platform", feature: "rancher" },
  { name: "cattle-fleet-system", team: "cloud-platform", feature: "rancher" },
];
const APPLICATIONS = ["api", "batch", "web", "store", "events", "ui", "worker", "reports", "gateway", "sync"];
/** Pods that are not of a daemon set, over all clusters at scale 1. */
const PODS = 9_700;
/** Deleted lives to each hundred that are there, and how many of them came back under the same name. */
const DELETED_PER_HUNDRED = 12;
const RECREATED_PER_MILLE = 150;
const RELABELLED_PER_MILLE = 120;

const known = new WeakMap<Estate, PlannedCluster[]>();

/** Every cluster with its nodes and with every life of a namespace. The same estate gives the same, object for object. */
export function plannedClusters(estate: Estate): PlannedCluster[] {
  const found = known.get(estate);
  if (found) return found;
  const planned = clustersOf(estate).map((cluster) => {
    const lives = livesOf(estate, cluster);
    const living = lives.filter(({ deleted }) => deleted === null);
    const nodes = nodesOf(estate.seed, cluster, needOf(living), estate.calendar.today);
    return { ...cluster, lives, nodes, placement: placePods(nodes, living) };
  });
  known.set(estate, planned);
  return planned;
}

function needOf(namespaces: readonly PlannedNamespace[]): ClusterNeed {
  const need: ClusterNeed = { pods: 0, cpuMilli: 0, memoryMi: 0, gpus: 0 };
  for (const { replicas, cpuRequestMilli, memoryRequestMi, gpu } of namespaces.flatMap(({ workloads }) => workloads)) {
    need.pods += replicas;
    need.cpuMilli += replicas * (cpuRequestMilli ?? 0);
    need.memoryMi += replicas * (memoryRequestMi ?? 0);
    need.gpus += replicas * gpu;
  }
  return need;
}

/** What was planted in each of the 600 namespaces that are there today. */
export function namespaceTruth(estate: Estate): NamespaceTruth[] {
  return plannedClusters(estate).flatMap(({ lives }) =>
    lives
      .filter(({ deleted }) => deleted === null)
      .map(({ cluster, name, uid, ownerTeam, evidence, dormant, trap }) => ({
        cluster,
        namespace: name,
        uid,
        ownerTeam,
        evidence,
        dormant,
        trap,
      })),
  );
}

function livesOf(estate: Estate, cluster: Cluster): PlannedNamespace[] {
  const system = systemNamespaces(estate, cluster);
  const planted = plantedIn(cluster);
  const random = randomFor(estate.seed, "namespaces", cluster.name);
  const taken = new Set(system.map(({ name }) => name));
  const mix = evidenceMixOf(cluster);
  const living = Array.from({ length: cluster.namespaces - system.length }, (_, index) =>
    teamNamespace(estate, cluster, { index, planted: planted[index] ?? null, mix, taken, random }),
  );
  const deleted = living
    .filter(({ trap, dormant }) => trap === null && !dormant)
    .slice(0, Math.round((cluster.namespaces * DELETED_PER_HUNDRED) / 100))
    .map((namespace, index) => deletedLife(estate, namespace, index));
  return [...system, ...living, ...deleted];
}

type Slot = {
  index: number;
  planted: Planted | null;
  mix: readonly EvidenceKind[];
  taken: Set<string>;
  random: Random;
};

function teamNamespace(estate: Estate, cluster: Cluster, slot: Slot): PlannedNamespace {
  const { index, planted, taken, mix } = slot;
  const random = randomFor(estate.seed, "namespace", cluster.name, String(index));
  const team = teamOf(estate, cluster, random);
  const evidence = planted?.evidence ?? mix[(index * 13) % mix.length] ?? "none";
  const name = freshName(`${team}-${random.pick(APPLICATIONS)}`, cluster, taken, random);
  const { today } = estate.calendar;
  const age = planted ? planted.ageDays : random.perMille(550) ? 396 + random.below(400) : 12 + random.below(380);
  const created = instantOf(addDays(today, -age), random);
  const claim = claimOf({ estate, cluster, team, name, evidence, created, random });
  const weight = random.below(100) < 8 ? 6 : 1;
  const usual = contentOf(random, (PODS * estate.scale * weight * (0.4 + random.below(1200) / 1000)) / 700, cluster);
  const content = planted ? plantedContent(planted, usual, random) : usual;
  return {
    ...claim,
    ...content,
    labels: { ...claim.labels, ...planted?.labels },
    annotations: { ...claim.annotations, ...planted?.annotations },
    cluster: cluster.name,
    name,
    uid: uuidOf(estate.seed, "namespace", cluster.name, name, created),
    created,
    deleted: null,
    isSystem: false,
    dormant: planted !== null && planted.trap === null,
    dormantSince: planted === null || planted.idleDays === null ? null : addDays(today, -planted.idleDays),
    trap: planted?.trap ?? null,
    earlier: planted === null && evidence === "label" ? earlierOwner(estate, cluster, claim, created) : null,
  };
}

/** Some changed hands: the same label named another team before. */
function earlierOwner(estate: Estate, cluster: Cluster, claim: Claim, created: string): PlannedNamespace["earlier"] {
  const random = randomFor(estate.seed, "earlier owner", cluster.name, created);
  const [key] = Object.keys(claim.labels);
  const others = estate.teams.filter((team) => team.key !== claim.ownerTeam);
  const age = Date.parse(`${estate.calendar.today}T00:00:00Z`) - Date.parse(created);
  if (key === undefined || age < 60 * 86_400_000 || !random.perMille(RELABELLED_PER_MILLE)) return null;
  const ownerTeam = random.pick(others).key;
  const until = seconds(new Date(Date.parse(created) + age * (0.2 + random.below(700) / 1_000)));
  return { until, labels: { ...claim.labels, [key]: ownerTeam }, ownerTeam };
}

/** In a team's own cluster four of five namespaces are its own; elsewhere those of any team of the business unit, or of all. */
function teamOf(estate: Estate, cluster: Cluster, random: Random): string {
  if (cluster.ownerTeam !== null && random.perMille(800)) return cluster.ownerTeam;
  const unit =
    cluster.account.businessUnit ??
    estate.teams.find(({ key }) => key === cluster.ownerTeam)?.stretches[0]?.businessUnit ??
    null;
  return random.pick(estate.teams.filter(({ stretches }) => unit === null || stretches[0]?.businessUnit === unit)).key;
}

function freshName(stem: string, cluster: Cluster, taken: Set<string>, random: Random): string {
  const environments = /nonprod|tools/.test(cluster.name) ? ["dev", "test", "int"] : ["prod", "live", "blue"];
  const first = `${stem}-${random.pick(environments)}`;
  // A name is taken at most once per namespace of the cluster.
  for (let number = 1; number <= cluster.namespaces; number += 1) {
    const name = number === 1 ? first : `${first}-${number}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
  throw new RangeError("There are no names left.");
}

function systemNamespaces(estate: Estate, cluster: Cluster): PlannedNamespace[] {
  const random = randomFor(estate.seed, "system", cluster.name);
  const created = instantOf(addDays(estate.calendar.today, -800 - random.below(300)), random);
  const added = ADDED_NAMESPACES.filter(({ feature }) => feature === null || cluster.features.includes(feature));
  const namespace = (name: string, team: string | null): PlannedNamespace => {
    // What came with the cluster names nobody: in a team's own account it is that team's, elsewhere nobody's.
    const ownerTeam = team ?? cluster.ownerTeam;
    const evidence = team !== null ? "label" : cluster.ownerTeam !== null ? "account" : "system";
    const content = name === "default" || name.startsWith("kube-") ? emptyContent() : contentOf(random, 3, cluster);
    return {
      ownerTeam,
      evidence,
      labels: team === null ? {} : { team },
      annotations: {},
      bindings: [],
      manager: team === null ? "kube-apiserver" : "helm",
      tenant: null,
      application: null,
      kustomization: null,
      ...content,
      cluster: cluster.name,
      name,
      uid: uuidOf(estate.seed, "namespace", cluster.name, name, created),
      created,
      deleted: null,
      isSystem: true,
      dormant: false,
      dormantSince: null,
      trap: null,
      earlier: null,
    };
  };
  return [
    ...BASE_NAMESPACES.map((name) => namespace(name, null)),
    ...added.map(({ name, team }) => namespace(name, team)),
  ];
}

/** An earlier life: under a name of its own, or under the name of one that is there again. */
function deletedLife(estate: Estate, living: PlannedNamespace, index: number): PlannedNamespace {
  const random = randomFor(estate.seed, "deleted", living.cluster, String(index));
  const isRecreated = random.perMille(RECREATED_PER_MILLE);
  const name = isRecreated ? living.name : `${living.name}-${random.pick(["old", "spike", "try", "v1"])}`;
  const ended = isRecreated
    ? new Date(Date.parse(living.created) - 3_600_000 * (2 + random.below(60)))
    : new Date(
        Date.parse(`${addDays(estate.calendar.today, -3 - random.below(380))}T10:00:00Z`) + random.below(20_000_000),
      );
  const created = new Date(ended.getTime() - 86_400_000 * (5 + random.below(200)));
  return {
    ...living,
    name,
    created: seconds(created),
    deleted: seconds(ended),
    earlier: null,
    uid: uuidOf(estate.seed, "namespace", living.cluster, name, seconds(created)),
  };
}

function instantOf(day: Day, random: Random): string {
  return seconds(new Date(Date.parse(`${day}T06:00:00Z`) + random.below(43_200) * 1000));
}

function seconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}
