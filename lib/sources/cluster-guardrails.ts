import type { RoleBindingItem, UnknownKind } from "#lib/sources/cluster-inventory.ts";
import type { EvaluatedRule, EvaluationItem } from "#lib/sources/evaluation-reading.ts";

/** Values by the namespace that they are in; null where their kind could not be read. */
export type ByNamespaceName<Value> = ReadonlyMap<string, Value> | null;

/** What the checks of a cluster look at beside its inventory. Null is unknown, and never reads as "none". */
export type ClusterGuardrails = {
  /** Bindings that hold in the whole cluster. */
  clusterBindings: RoleBindingItem[] | null;
  templates: ByNamespaceName<PodTemplateItem[]>;
  /** Whether the service account "default" hands its token out by itself, where it is there. */
  defaultTokens: ByNamespaceName<boolean>;
  configMaps: ByNamespaceName<ConfigMapItem[]>;
  /** Of Argo CD; empty where it is not installed. */
  applications: SyncedApplication[] | null;
  /** Vulnerabilities by "namespace/Kind/name" of the workload; null where no scanner is installed or its reports could not be read. */
  scans: ReadonlyMap<string, ImageScan[]> | null;
  reports: ReportedPolicies;
};

export type PodTemplateItem = {
  kind: string;
  name: string;
  uid: string;
  serviceAccount: string;
  /** What the template itself says; null = it leaves that to the service account. */
  mountsToken: boolean | null;
  images: string[];
  /** When its images were made, by an annotation of the template. */
  imagesCreatedAt: Date | null;
  /** Variables that are given by value. The value itself is not kept. */
  variables: { name: string; shape: string | null }[];
};

/** Only the names of keys are ever asked for; null where the cluster does not tell them without the values. */
export type ConfigMapItem = { name: string; keys: string[] | null };

export type SyncedApplication = {
  uid: string;
  name: string;
  namespace: string;
  /** The namespace that it rolls out to, where that is in the same cluster. */
  into: string | null;
  /** "Synced", "OutOfSync", "Unknown"; null where Argo CD has not said yet. */
  syncStatus: string | null;
};

export type ImageScan = {
  image: string;
  /** "debian 12.4"; null where the scanner does not know it. */
  system: string | null;
  isEndOfLife: boolean | null;
  vulnerabilities: ScannedVulnerability[];
};

export type ScannedVulnerability = {
  id: string;
  severity: string;
  publishedAt: Date | null;
  fixedVersion: string | null;
  package: string;
};

/** What others have judged in the cluster: PolicyReports, and what Trivy's operator keeps. */
export type ReportedPolicies = {
  rules: EvaluatedRule[];
  items: EvaluationItem[];
  /** Kinds of reports that are not installed: nothing is missing, for nobody reports there. */
  notServed: string[];
  /** Kinds that are there and could not be read. */
  unread: UnknownKind[];
};
