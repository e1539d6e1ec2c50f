import type { PoolClient } from "pg";
import { observe } from "#lib/db/observe.ts";
import type { NamespaceFacts } from "#lib/policies/facts.ts";
import {
  ADMINISTRATION_POLICIES,
  DRIFT_POLICIES,
  NAMESPACE_POLICIES,
  NODE_POLICIES,
  TIER_POLICIES,
  WORKLOAD_POLICIES,
} from "#lib/policies/index.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { administratorsOf, namespaceFacts, workloadFacts } from "#lib/services/policies/cluster-facts.ts";
import { clusterResources, type ClusterResources } from "#lib/services/policies/cluster-resources.ts";
import { gatherKnowledge } from "#lib/services/policies/gather-knowledge.ts";
import { policySettings } from "#lib/services/policies/policy-settings.ts";
import { publishReports } from "#lib/services/policies/publish-reports.ts";
import { judgeAll, POLICIES_SOURCE, toReading } from "#lib/services/policies/to-reading.ts";
import type { ClusterGuardrails } from "#lib/sources/cluster-guardrails.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import { EVIDENCE_KINDS, KINDS, nameOf } from "#lib/sources/kubernetes/index.ts";

/**
 * Judges a cluster by what was just read of it, and takes over what others have judged in it, in the caller's transaction: the inventory,
 * the owners and the verdicts on them are of one look. Owners must have been resolved. Where namespaces could not be listed nothing is
 * judged, and what was known runs out by itself.
 */
export async function judgeCluster(
  context: ServiceContext,
  sql: PoolClient,
  { sourceKey, reading, at, goodForMs }: { sourceKey: string; reading: ClusterInventory; at: Date; goodForMs: number },
): Promise<void> {
  const { guardrails, cluster } = reading;
  if (guardrails === null) return;
  await observeGuardrails(sql, { sourceKey, clusterKey: cluster.key, guardrails, at });
  const judging = { now: at, settings: policySettings() };
  const resources = clusterResources(cluster, reading.namespaces);
  const knowledge = await gatherKnowledge(sql, sourceKey, reading, guardrails, judging);
  const facts = namespaceFacts(reading.namespaces, knowledge);
  const namespaces = reading.namespaces.map((namespace, index) => ({
    resource: resources.ofNamespace(namespace),
    facts: facts[index] as NamespaceFacts,
  }));
  const administrators = guardrails.clusterBindings && administratorsOf(guardrails.clusterBindings);
  const judged = [
    judgeAll({ policies: NAMESPACE_POLICIES, things: namespaces }, judging),
    judgeAll(
      {
        policies: ADMINISTRATION_POLICIES,
        things: [
          ...namespaces,
          {
            resource: resources.itself,
            facts: {
              administrators:
                administrators &&
                administrators.map((one) => ({ ...knowledge.resolveSubject(one), binding: one.binding })),
            },
          },
        ],
      },
      judging,
    ),
    judgeAll(
      {
        policies: TIER_POLICIES,
        things: namespaces.map(({ resource, facts: { labels, annotations } }) => ({
          resource,
          facts: { tags: { ...annotations, ...labels } },
        })),
      },
      judging,
    ),
    judgeAll({ policies: NODE_POLICIES, things: nodesOf(reading, resources) }, judging),
    judgeAll(
      { policies: WORKLOAD_POLICIES, things: workloadsOf(reading, guardrails, resources, judging.settings) },
      judging,
    ),
    judgeAll({ policies: DRIFT_POLICIES, things: await applicationsOf(sql, guardrails, resources) }, judging),
  ];
  await publishEvaluations(context, sql, {
    sourceKey: POLICIES_SOURCE,
    part: cluster.key,
    at,
    goodForMs,
    reading: toReading(judged, unreadOf(reading)),
  });
  await publishReports(context, sql, {
    sourceKey,
    clusterKey: cluster.key,
    reports: guardrails.reports,
    at,
    goodForMs,
  });
}

/** Things that could not be listed have no verdicts of their own: what was known of them is unknown from now on. */
function unreadOf({ nodes, guardrails, unknown }: ClusterInventory) {
  const reasonOf = (kind: string) => unknown.find((one) => one.kind === kind);
  const missing = (isMissing: boolean, kind: string, policies: readonly { id: string }[]) =>
    !isMissing
      ? []
      : policies.map(({ id }) => ({
          ruleKey: id,
          reason: reasonOf(kind)?.message ?? `The list of ${kind} could not be read.`,
          remedy: reasonOf(kind)?.rbacLine ?? null,
        }));
  return [
    ...missing(nodes === null, nameOf(KINDS.nodes), NODE_POLICIES),
    ...missing(guardrails?.templates === null, nameOf(KINDS.deployments), WORKLOAD_POLICIES),
    ...missing(guardrails?.applications === null, nameOf(EVIDENCE_KINDS.argoApplications), DRIFT_POLICIES),
  ];
}

function nodesOf({ nodes }: ClusterInventory, resources: ClusterResources) {
  return (nodes ?? []).map((node) => ({
    resource: resources.ofNode(node),
    facts: {
      createdAt: node.createdAt,
      machineImage: node.machineImageId ?? node.machineImage,
      machineImageCreatedAt: node.machineImageCreatedAt,
    },
  }));
}

function workloadsOf(
  { namespaces }: ClusterInventory,
  { templates, scans }: ClusterGuardrails,
  resources: ClusterResources,
  settings: ReturnType<typeof policySettings>,
) {
  return namespaces.flatMap((namespace) =>
    (templates?.get(namespace.name) ?? []).map((template) => ({
      resource: resources.ofWorkload(namespace, template),
      facts: workloadFacts(
        template,
        scans && (scans.get(`${namespace.name}/${template.kind}/${template.name}`) ?? []),
        settings,
      ),
    })),
  );
}

/** Argo CD does not tell since when an application is not as declared; our own looks do. */
async function applicationsOf(sql: PoolClient, { applications }: ClusterGuardrails, resources: ClusterResources) {
  const { rows } = await sql.query<{ uid: string; since: Date }>(
    "SELECT uid, seen_from AS since FROM application_sync WHERE cluster_key = $1 AND seen_to IS NULL",
    [resources.itself.key],
  );
  const since = new Map(rows.map((row) => [row.uid, row.since]));
  return (applications ?? []).map((application) => {
    const { syncStatus } = application;
    const isDrifted = syncStatus === "OutOfSync" ? true : syncStatus === "Synced" ? false : null;
    return {
      resource: resources.ofApplication(application),
      facts: { isDrifted, driftedSince: isDrifted === true ? (since.get(application.uid) ?? null) : null },
    };
  });
}

/** What could not be read stays as it was last seen. */
async function observeGuardrails(
  sql: PoolClient,
  look: { sourceKey: string; clusterKey: string; guardrails: ClusterGuardrails; at: Date },
): Promise<void> {
  const { sourceKey, clusterKey, guardrails, at } = look;
  const scope = { source_key: sourceKey, cluster_key: clusterKey };
  if (guardrails.clusterBindings !== null)
    await observe(sql, {
      table: "cluster_binding",
      scope,
      keys: ["name"],
      values: ["role", "subjects"],
      rows: guardrails.clusterBindings.map(({ name, role, subjects }) => ({ name, role, subjects })),
      at,
    });
  if (guardrails.applications !== null)
    await observe(sql, {
      table: "application_sync",
      scope,
      keys: ["uid"],
      values: ["status"],
      rows: guardrails.applications.map(({ uid, syncStatus }) => ({ uid, status: syncStatus })),
      at,
    });
}
