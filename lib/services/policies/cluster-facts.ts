import { compileGlob } from "#lib/domain/glob.ts";
import { isSameImage } from "#lib/domain/image-name.ts";
import type {
  ImageFacts,
  NamespaceFacts,
  SubjectFacts,
  VulnerabilityFacts,
  WorkloadFacts,
} from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { environmentOf } from "#lib/services/evaluations/load-places.ts";
import type { Subject } from "#lib/services/policies/resolve-subjects.ts";
import type { ClusterGuardrails, ImageScan, PodTemplateItem } from "#lib/sources/cluster-guardrails.ts";
import type { NamespaceInventory, RoleBindingItem } from "#lib/sources/cluster-inventory.ts";

const CLUSTER_ADMIN = "cluster-admin";
const LAST_BACKUP = "bursar.io/last-backup";
const RESTORE_TESTED = "bursar.io/restore-tested";

/** What is known of a cluster beside what was read in it. */
export type ClusterKnowledge = {
  guardrails: ClusterGuardrails;
  isSystem: (namespace: string) => boolean;
  environmentTags: readonly string[];
  /** Of the account that it is billed to; null where nothing names it. */
  accountEnvironment: string | null;
  ownerOf: (uid: string) => NamespaceFacts["owner"];
  resolveSubject: (subject: Subject) => SubjectFacts;
  settings: PolicySettings;
};

/** What is known of each namespace, in their order. Pure. */
export function namespaceFacts(
  namespaces: readonly NamespaceInventory[],
  knowledge: ClusterKnowledge,
): NamespaceFacts[] {
  const environments = namespaces.map((namespace) => environmentOfNamespace(namespace, knowledge));
  const clusterEnvironment = knowledge.accountEnvironment?.toLowerCase() ?? mostFrequent(environments);
  return namespaces.map((namespace, index) => {
    const { name, uid, labels, annotations } = namespace;
    const { guardrails, isSystem, ownerOf, resolveSubject } = knowledge;
    const templates = guardrails.templates && (guardrails.templates.get(name) ?? []);
    return {
      name,
      isSystem: isSystem(name),
      labels,
      annotations,
      environment: environments[index] ?? null,
      clusterEnvironment,
      owner: ownerOf(uid),
      quotas: namespace.quotas && namespace.quotas.length,
      limitRanges: namespace.limitRanges && namespace.limitRanges.length,
      hasDefaultDeny: namespace.networkPolicies && namespace.networkPolicies.some(({ isDefaultDeny }) => isDefaultDeny),
      administrators: namespace.roleBindings && administratorsOf(namespace.roleBindings).map(resolveSubject),
      isDefaultTokenMounted: guardrails.defaultTokens && (guardrails.defaultTokens.get(name) ?? true),
      templates: templates && templates.map(templateFacts),
      configKeys: configKeysOf(guardrails, name),
      variables: templates && templates.flatMap(variablesOf),
      holdsData: namespace.volumes && namespace.volumes.length > 0,
      lastBackupAt: dateOf(annotations[LAST_BACKUP]),
      restoreTestedAt: dateOf(annotations[RESTORE_TESTED]),
    };
  });
}

/** A label says it, or the last word of the name does. */
function environmentOfNamespace(
  { name, labels }: NamespaceInventory,
  { environmentTags, settings }: ClusterKnowledge,
): string | null {
  const said = environmentOf(labels, environmentTags);
  if (said !== null) return said.toLowerCase();
  const known = [...settings.productionEnvironments, ...settings.otherEnvironments];
  const words = name.toLowerCase().replace(/-\d+$/, "").split("-");
  return known.find((word) => word === words.at(-1)) ?? null;
}

function mostFrequent(values: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first] = [...counts].toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

/** Whom bindings give cluster-admin, with the binding that does. */
export function administratorsOf(bindings: readonly RoleBindingItem[]): (Subject & { binding: string })[] {
  return bindings
    .filter(({ role, kind }) => role === CLUSTER_ADMIN && kind === "ClusterRole")
    .flatMap(({ name, subjects }) => subjects.map((subject) => ({ ...subject, binding: name })));
}

function templateFacts({ kind, name, serviceAccount, mountsToken }: PodTemplateItem) {
  return { workload: `${kind} ${name}`, usesDefaultAccount: serviceAccount === "default", mountsToken };
}

function variablesOf({ kind, name, variables }: PodTemplateItem) {
  return variables.map((variable) => ({ place: `${kind} ${name}`, ...variable }));
}

/** Null where the keys of one of its config maps are not known: then none is known to hold no secret. */
function configKeysOf({ configMaps }: ClusterGuardrails, namespace: string): NamespaceFacts["configKeys"] {
  if (configMaps === null) return null;
  const maps = configMaps.get(namespace) ?? [];
  if (maps.some(({ keys }) => keys === null)) return null;
  return maps.flatMap(({ name, keys }) =>
    (keys ?? []).map((key) => ({ place: `ConfigMap ${name}`, name: key, shape: null })),
  );
}

/** What is known of a workload's images. Pure. @param scans of this workload; null where nobody scans in this cluster. */
export function workloadFacts(
  { images, imagesCreatedAt }: PodTemplateItem,
  scans: readonly ImageScan[] | null,
  settings: PolicySettings,
): WorkloadFacts {
  return {
    images: images.map((image) => imageFacts(image, imagesCreatedAt, scans, settings)),
    vulnerabilities:
      scans === null || scans.length === 0 ? null : onlyOnce(scans.flatMap((scan) => scan.vulnerabilities)),
    unscanned: images.filter((image) => !scans?.some((scan) => isSameImage(scan.image, image))),
  };
}

function imageFacts(
  image: string,
  createdAt: Date | null,
  scans: readonly ImageScan[] | null,
  { imageDates }: PolicySettings,
): ImageFacts {
  const scan = scans?.find((one) => isSameImage(one.image, image));
  const dated = imageDates.find((one) => compileGlob(one.image)(image));
  return {
    image,
    createdAt: createdAt ?? dateOf(dated?.created),
    isEndOfLife: scan?.isEndOfLife ?? null,
    system: scan?.system ?? null,
  };
}

/** Scanners report a hole once for each package that has it, and in an order of their own. */
function onlyOnce(vulnerabilities: readonly VulnerabilityFacts[]): VulnerabilityFacts[] {
  const found = new Map(vulnerabilities.map((one) => [`${one.id} ${one.package}`, one]));
  return [...found].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
}

function dateOf(text: string | undefined): Date | null {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? null : date;
}
