import { markedManager } from "#lib/domain/ownership/gitops-claims.ts";
import type { CustomResourceCount } from "#lib/sources/cluster-inventory.ts";
import { bareObject, type BareObject } from "#lib/sources/kubernetes/api-types.ts";
import { countedKinds, type CustomKind, type Discovery } from "#lib/sources/kubernetes/discover.ts";
import { valuesAt, type ByNamespace, type KindReader } from "#lib/sources/kubernetes/kind-reader.ts";

/** Names that are kept of each kind in a namespace; the count is of all. */
const KEPT_NAMES = 5;
/** People's own clients: that somebody wrote it by hand tells nothing about who watches it. */
const CLIENTS_OF_PEOPLE =
  /^(kubectl\b|kubectl-|helm\b|terraform|mozilla|k9s|lens|node-fetch|unknown|before-first-apply)/i;

/**
 * Custom resources by namespace and kind: how many, and who writes them. Only their metadata travel.
 *
 * @returns null where one of the kinds could not be read, for then no namespace is known to be without any.
 */
export async function readCustomResources(
  reader: KindReader,
  discovery: Discovery,
  ignored: readonly string[],
): Promise<ByNamespace<CustomResourceCount>> {
  for (const { group, message } of discovery.failed)
    reader.unknown.push({ kind: `*.${group}`, reason: "failed", rbacLine: null, message });
  const counts = await Promise.all(countedKinds(discovery, ignored).map((kind) => countByNamespace(reader, kind)));
  const all = new Map<string, CustomResourceCount[]>();
  for (const found of counts) {
    if (found === null) return null;
    for (const [namespace, { writers, ...rest }] of found)
      valuesAt(all, namespace).push({
        ...rest,
        managedBy: writers.size === 0 ? null : [...writers].toSorted().join(", "),
      });
  }
  return discovery.failed.length === 0 ? all : null;
}

type Counted = Omit<CustomResourceCount, "managedBy"> & { writers: Set<string> };

function countByNamespace(reader: KindReader, kind: CustomKind): Promise<ReadonlyMap<string, Counted> | null> {
  return reader.fold(
    kind,
    bareObject,
    () => {
      const counts = new Map<string, Counted>();
      return {
        add: (object) => {
          const namespace = object.metadata.namespace ?? "";
          const counted = counts.get(namespace) ?? {
            group: kind.group,
            kind: kind.kind,
            count: 0,
            names: [],
            writers: new Set<string>(),
          };
          counts.set(namespace, counted);
          counted.count += 1;
          if (counted.names.length < KEPT_NAMES) counted.names.push(object.metadata.name);
          for (const writer of writersOf(object)) counted.writers.add(writer);
        },
        result: () => counts,
      };
    },
    { metadataOnly: true },
  );
}

function writersOf({ metadata: { labels, annotations, managedFields } }: BareObject): string[] {
  const marked = markedManager({ labels: labels ?? {}, annotations: annotations ?? {} });
  const managers = (managedFields ?? []).flatMap(({ manager }) => manager ?? []);
  return [...(marked === null ? [] : [marked]), ...managers.filter((name) => !CLIENTS_OF_PEOPLE.test(name))];
}
