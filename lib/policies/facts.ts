/** What is known of the things that checks look at. Null = not read, or nobody says: never "none". */

export type NamespaceFacts = {
  name: string;
  /** Comes with the cluster or with what runs it, so that the guardrails of teams are not for it. */
  isSystem: boolean;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** Lower case; null where neither it nor its account names one. */
  environment: string | null;
  /** Of the cluster: what its account or most of its namespaces say. */
  clusterEnvironment: string | null;
  owner: {
    teamKey: string | null;
    strength: "explicit" | "derived" | "weak" | "contested" | "none";
    /** False where something that names owners could not be read. */
    isFullyRead: boolean;
  };
  quotas: number | null;
  limitRanges: number | null;
  hasDefaultDeny: boolean | null;
  /** Who is bound to cluster-admin inside of it. */
  administrators: SubjectFacts[] | null;
  /** Whether its service account "default" hands its token to pods that do not say otherwise. */
  isDefaultTokenMounted: boolean | null;
  templates: PodTemplateFacts[] | null;
  /** Keys of its config maps. */
  configKeys: ConfigurationName[] | null;
  /** Names of variables that workloads are given by value. */
  variables: ConfigurationName[] | null;
  /** Whether it has volumes. */
  holdsData: boolean | null;
  /** When it was last backed up and when that was last restored, by its own word. */
  lastBackupAt: Date | null;
  restoreTestedAt: Date | null;
};

export type SubjectFacts = {
  kind: string;
  name: string;
  namespace: string | null;
  /** The team of the person or group; null where nobody knows. */
  teamKey: string | null;
};

export type PodTemplateFacts = {
  /** "Deployment api". */
  workload: string;
  usesDefaultAccount: boolean;
  /** What the template itself says; null = it leaves that to the service account. */
  mountsToken: boolean | null;
};

/** `place`: "ConfigMap settings", "Deployment api". `shape`: what its value looks like; null = like nothing secret, or it was not read. */
export type ConfigurationName = { place: string; name: string; shape: string | null };

export type NodeFacts = { createdAt: Date | null; machineImage: string | null; machineImageCreatedAt: Date | null };

export type WorkloadFacts = {
  images: ImageFacts[];
  /** Of all of its images together; null where no scanner reports on it. */
  vulnerabilities: VulnerabilityFacts[] | null;
  /** Those of its images that no report is about. */
  unscanned: string[];
};

export type ImageFacts = {
  image: string;
  createdAt: Date | null;
  /** True where the publisher of its operating system no longer looks after it. */
  isEndOfLife: boolean | null;
  system: string | null;
};

export type VulnerabilityFacts = {
  id: string;
  severity: string;
  publishedAt: Date | null;
  fixedVersion: string | null;
  package: string;
};

export type DriftFacts = { isDrifted: boolean | null; driftedSince: Date | null };

export type AccountFacts = {
  /** False for one that is closed or on its way there. */
  isOpen: boolean;
  tags: Readonly<Record<string, string>> | null;
  hasTrail: boolean | null;
  hasConfig: boolean | null;
};

export type PersonFacts = {
  leftAt: Date | null;
  hasMfa: boolean | null;
  /** Where the person is named: "cluster motor-claims: cluster-admin". */
  access: string[];
  /** Clusters whose bindings could not be read, or have not been lately. */
  unread: string[];
};
