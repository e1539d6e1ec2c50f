import type { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import { groupListAnswer, resourceListAnswer, versionAnswer } from "#lib/sources/kubernetes/api-types.ts";
import type { KubernetesClient } from "#lib/sources/kubernetes/client.ts";
import { seats } from "#lib/sources/kubernetes/kind-reader.ts";
import { nameOf, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";

/** Groups of Kubernetes itself, and of APIs that compute what they list instead of keeping it. */
const OWN_GROUPS = new Set(
  (
    "apps batch autoscaling policy extensions events.k8s.io authentication.k8s.io authorization.k8s.io certificates.k8s.io " +
    "networking.k8s.io storage.k8s.io admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io " +
    "scheduling.k8s.io coordination.k8s.io node.k8s.io discovery.k8s.io flowcontrol.apiserver.k8s.io resource.k8s.io " +
    "internal.apiserver.k8s.io rbac.authorization.k8s.io storagemigration.k8s.io metrics.k8s.io custom.metrics.k8s.io " +
    "external.metrics.k8s.io"
  ).split(" "),
);
const GROUPS_AT_ONCE = 4;
const DISCOVERY = { kind: "what is installed", why: "which custom resources there are", rbacLine: null };

export type CustomKind = ListedKind & { kind: string; namespaced: boolean };

/** What is installed in a cluster beside Kubernetes. `failed`: groups that do not answer, such as an API whose server is down. */
export type Discovery = { version: string; customKinds: CustomKind[]; failed: { group: string; message: string }[] };

/** Asks what every signed-in user may ask. @throws AppError where the cluster cannot be reached at all. */
export async function discover(client: KubernetesClient): Promise<Discovery> {
  const { gitVersion } = read(versionAnswer, await client.ask("/version", DISCOVERY), client);
  const { groups } = read(groupListAnswer, await client.ask("/apis", DISCOVERY), client);
  const custom = groups.filter(({ name }) => !OWN_GROUPS.has(name));
  const inTurn = seats(GROUPS_AT_ONCE);
  const failed: Discovery["failed"] = [];
  const kinds = await Promise.all(
    custom.map(({ name, preferredVersion }) =>
      inTurn(async () => {
        const version = preferredVersion?.version ?? "v1";
        try {
          return await kindsOf(client, name, version);
        } catch (thrown) {
          if (!(thrown instanceof AppError) || thrown.code === "invalid_config") throw thrown;
          failed.push({ group: name, message: thrown.message });
          return [];
        }
      }),
    ),
  );
  return { version: gitVersion, customKinds: kinds.flat(), failed };
}

async function kindsOf(client: KubernetesClient, group: string, version: string): Promise<CustomKind[]> {
  const { resources } = read(
    resourceListAnswer,
    await client.ask(`/apis/${group}/${version}`, { ...DISCOVERY, kind: group }),
    client,
  );
  return resources
    .filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list"))
    .map(({ name, kind, namespaced }) => ({
      group,
      version,
      resource: name,
      kind,
      namespaced,
      why: `which ${name} of ${group} there are`,
    }));
}

/** The custom kinds that are counted by namespace. @param ignored patterns of "plural.group". */
export function countedKinds({ customKinds }: Discovery, ignored: readonly string[]): CustomKind[] {
  const isIgnored = ignored.map(compileGlob);
  return customKinds.filter((kind) => kind.namespaced && !isIgnored.some((matches) => matches(nameOf(kind))));
}

function read<Answer>(shape: z.ZodType<Answer>, answer: unknown, client: KubernetesClient): Answer {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppError("bad_data", `What answers as the cluster ${client.key} is no Kubernetes API.`, {
    remedy: "Check the address of its API server.",
  });
}
