import { AppError, toAppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { accessReviewAnswer } from "#lib/sources/kubernetes/api-types.ts";
import { readCatalog } from "#lib/sources/kubernetes/catalog.ts";
import { openKubernetes, type KubernetesClient } from "#lib/sources/kubernetes/client.ts";
import { countedKinds, discover, type Discovery } from "#lib/sources/kubernetes/discover.ts";
import { seats } from "#lib/sources/kubernetes/kind-reader.ts";
import {
  EVIDENCE_KINDS,
  KINDS,
  nameOf,
  REPORT_KINDS,
  rbacLineOf,
  type ListedKind,
} from "#lib/sources/kubernetes/kinds.ts";
import { checkMachineImages } from "#lib/sources/kubernetes/node-images.ts";
import { servedKind } from "#lib/sources/kubernetes/read-evidence.ts";
import type { ClusterAccess, KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";
import { checkUsage } from "#lib/sources/usage/check.ts";

const REVIEW_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const REVIEWS_AT_ONCE = 4;

/** Asks each cluster whether it answers and whether it lets us list each kind. Nothing of what is in it is read. */
export async function checkKubernetes(
  spec: KubernetesSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  if (spec.catalog !== undefined)
    results.push(await checkStep("Backstage catalog", () => readCatalog(spec.catalog, signal)));
  for (const access of spec.clusters) {
    results.push(...(await checkCluster(spec, access, gate, signal)));
    results.push(...(await checkMachineImages(access, { gate, signal })));
    results.push(...(await checkUsage(access, { gate, signal })));
  }
  return results;
}

async function checkCluster(
  spec: KubernetesSpec,
  access: ClusterAccess,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const what = `Cluster ${access.key}`;
  let client: KubernetesClient | null = null;
  try {
    const opened = await openKubernetes(access, gate, signal);
    client = opened;
    const discovery = await discover(opened);
    const inTurn = seats(REVIEWS_AT_ONCE);
    const reviews = neededKinds(spec, discovery).map((kind) =>
      inTurn(() => checkStep(`${what}: list ${nameOf(kind)}`, () => review(opened, kind))),
    );
    const unanswered = discovery.failed.map(({ group, message }) => ({
      what: `${what}: what ${group} has`,
      ok: false,
      error: new AppError("unavailable", message).toJSON(),
    }));
    return [{ what, ok: true, error: null }, ...(await Promise.all(reviews)), ...unanswered];
  } catch (thrown) {
    signal.throwIfAborted();
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  } finally {
    await client?.close();
  }
}

/** Every kind that a reading lists in this cluster, each once. */
function neededKinds(spec: KubernetesSpec, discovery: Discovery): ListedKind[] {
  const installed = [...Object.values(EVIDENCE_KINDS), ...Object.values(REPORT_KINDS)];
  const evidence = installed.flatMap((kind) => servedKind(discovery, kind) ?? []);
  const kinds = [...Object.values(KINDS), ...countedKinds(discovery, spec.ignoredCustomResources), ...evidence];
  return [...new Map(kinds.map((kind) => [nameOf(kind), kind])).values()];
}

async function review(client: KubernetesClient, kind: ListedKind): Promise<void> {
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb: "list", group: kind.group, resource: kind.resource } },
  };
  const needed = { kind: "our own permissions", why: "what Bursar may read", rbacLine: null };
  const answer = accessReviewAnswer.safeParse(await client.ask(REVIEW_PATH, needed, { body }));
  if (answer.data?.status.allowed === true) return;
  const name = nameOf(kind);
  throw new AppError(
    "denied",
    `The cluster ${client.key} does not allow to list ${name}: ${kind.why} cannot be read.`,
    {
      remedy: `Add to the ClusterRole that Bursar has there: ${rbacLineOf(kind)}`,
    },
  );
}
