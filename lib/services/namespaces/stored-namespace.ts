import type { NamespaceInventory } from "#lib/sources/cluster-inventory.ts";

/** What is kept of the inside of a namespace, as JSON has it: instants are ISO 8601 texts. Null = unknown. */
export type StoredContent = Jsoned<Pick<NamespaceInventory, (typeof CONTENT_PARTS)[number]>>;

export const CONTENT_PARTS = [
  "managers",
  "pods",
  "workloads",
  "jobs",
  "cronJobs",
  "services",
  "ingresses",
  "volumes",
  "quotas",
  "limitRanges",
  "networkPolicies",
  "roleBindings",
  "serviceAccounts",
  "customResources",
] as const satisfies (keyof NamespaceInventory)[];

/** A value after JSON: dates are texts. */
type Jsoned<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Jsoned<Item>[]
    : T extends object
      ? { [Key in keyof T]: Jsoned<T[Key]> }
      : T;

/** The parts of a namespace that are kept beside its identity. */
export function contentOf(namespace: NamespaceInventory): Record<string, unknown> {
  return Object.fromEntries(CONTENT_PARTS.map((part) => [part, namespace[part]]));
}
