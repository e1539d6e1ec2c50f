import type { PodTemplateItem } from "#lib/sources/cluster-guardrails.ts";
import type { Metadata, PodTemplate } from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const IMAGE_CREATED = "org.opencontainers.image.created";

/** What a workload's template says of its pods. */
export function templateItem(kind: string, metadata: Metadata, template: PodTemplate): PodTemplateItem {
  const { spec } = template;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const given = new Map<string, string | null>();
  for (const { name, shape } of containers.flatMap(({ env }) => env ?? []))
    if (shape !== undefined && !given.get(name)) given.set(name, shape);
  return {
    kind,
    name: metadata.name,
    uid: metadata.uid ?? "",
    serviceAccount: spec.serviceAccountName || spec.serviceAccount || "default",
    mountsToken: spec.automountServiceAccountToken ?? null,
    images: [...new Set(spec.containers.flatMap(({ image }) => image ?? []))],
    imagesCreatedAt: instantOf(template.metadata?.annotations?.[IMAGE_CREATED]),
    variables: [...given].map(([name, shape]) => ({ name, shape })),
  };
}
