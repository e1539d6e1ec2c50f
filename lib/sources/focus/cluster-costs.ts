import type { Projection } from "#lib/sources/cost-reading.ts";
import {
  ecsClusterName,
  type ClusterControlTotal,
  type ClusterCostReading,
  type ClusterIdentities,
} from "#lib/sources/cluster-costs.ts";
import { parseTags, recogniseClusterTags } from "#lib/sources/focus/cluster-tags.ts";
import { literal, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { cleanText, type PeriodDays } from "#lib/sources/focus/roll-up.ts";
import { inPeriod, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";

const STEP = "Looking for clusters";
/** What every tag that names a cluster contains. */
const LOOKS_LIKE_CLUSTER = "eks|ecs:|k8s|kubernetes|aks-managed";
/** Line items of one account with a set of tags of their own; more would be tags that differ by the charge. */
const MOST_TAG_SETS = 2_000_000;

/**
 * Finds the line items that are a cluster's, by its machines' and disks' ids, by tags and by the ids of control planes, and sums them by
 * resource and charge period. Nothing is scanned a second time where no tag and nobody names a cluster.
 */
export async function collectClusterCosts(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
  period: PeriodDays,
  identities: ClusterIdentities,
  projection: Projection,
): Promise<ClusterCostReading | null> {
  const tagged = await readTaggedClusters(engine, tagSetsSql(groups, period, projection));
  if (tagged === 0 && identities.names.length === 0 && identities.resources.length === 0) return null;
  await loadIdentities(engine, identities);
  await engine.run(STEP, itemSql(groups, period));
  await engine.run(
    STEP,
    `CREATE TABLE cluster_cost AS
     SELECT cluster_key, starts_at, hours, kind, resource_id, namespace, account, currency,
       CAST(sum(billed) AS DECIMAL(38,12)) AS billed, CAST(sum(effective) AS DECIMAL(38,12)) AS effective, CAST(count(*) AS INTEGER) AS line_items
     FROM cluster_item GROUP BY ALL`,
  );
  const rows = await engine.rows(
    STEP,
    `SELECT cluster_key, currency, CAST(sum(billed) AS VARCHAR) AS billed, CAST(sum(effective) AS VARCHAR) AS effective, count(*) AS line_items
     FROM cluster_item GROUP BY ALL ORDER BY ALL`,
  );
  await engine.run(
    STEP,
    "DROP TABLE cluster_item; DROP TABLE cluster_tag; DROP TABLE cluster_name; DROP TABLE cluster_resource",
  );
  return {
    totals: rows.map((row): ClusterControlTotal => ({
      clusterKey: String(row["cluster_key"]),
      currency: String(row["currency"]),
      billed: String(row["billed"]),
      effective: String(row["effective"]),
      lineItems: Number(row["line_items"]),
    })),
  };
}

/** Makes `cluster_tag(raw_tags, cluster_name, namespace)` and answers how many sets of tags name a cluster. */
async function readTaggedClusters(engine: ScanEngine, tagSets: string): Promise<number> {
  await engine.run(STEP, "CREATE TEMP TABLE cluster_tag (raw_tags VARCHAR, cluster_name VARCHAR, namespace VARCHAR)");
  const rows = await engine.rows(
    STEP,
    `SELECT DISTINCT raw_tags FROM (${tagSets}) WHERE regexp_matches(raw_tags, ${literal(LOOKS_LIKE_CLUSTER)}, 'i') LIMIT ${MOST_TAG_SETS}`,
  );
  const appender = await engine.connection.createAppender("cluster_tag", "main", "temp");
  let count = 0;
  for (const row of rows) {
    const text = String(row["raw_tags"]);
    const found = recogniseClusterTags(parseTags(text));
    if (found === null) continue;
    count += 1;
    appender.appendVarchar(text);
    appender.appendVarchar(found.clusterName);
    appender.appendVarchar(found.namespace ?? "");
    appender.endRow();
  }
  appender.closeSync();
  return count;
}

/** The roll-up has read every set of tags already, unless it keeps none. */
function tagSetsSql(groups: readonly ScanGroup[], period: PeriodDays, projection: Projection): string {
  const isKept = projection.tagKeys.length + projection.environmentTags.length > 0;
  const unread = isKept ? groups.filter(({ fields }) => fields.allocatedTags !== null) : groups;
  return [
    ...(isKept ? ["SELECT raw_tags FROM raw_key"] : []),
    ...unread.map(
      (group) =>
        `SELECT DISTINCT ${tellingTags(group)} AS raw_tags FROM ${group.from} WHERE ${inPeriod(group, period)}`,
    ),
  ].join(" UNION ALL ");
}

/** A charge that its provider has split tells by its allocated tags whose part it is; its own are those of what was split. */
function tellingTags({ fields: { tags, allocatedTags } }: ScanGroup): string {
  return allocatedTags === null ? tags : `coalesce(nullif(nullif(${allocatedTags}, ''), '{}'), ${tags})`;
}

async function loadIdentities(engine: ScanEngine, { names, resources }: ClusterIdentities): Promise<void> {
  await engine.run(
    STEP,
    `CREATE TEMP TABLE cluster_name (name VARCHAR, account VARCHAR, cluster_key VARCHAR);
     CREATE TEMP TABLE cluster_resource (tail VARCHAR, cluster_key VARCHAR, kind VARCHAR, namespace VARCHAR)`,
  );
  const appendAll = async (table: string, rows: readonly string[][]) => {
    const appender = await engine.connection.createAppender(table, "main", "temp");
    for (const row of rows) {
      for (const cell of row) appender.appendVarchar(cell);
      appender.endRow();
    }
    appender.closeSync();
  };
  // Each name and each machine once, or its charges would count twice; of several that claim one the last counts.
  const byName = new Map(names.map((named) => [`${named.name.toLowerCase()} ${named.account ?? ""}`, named]));
  await appendAll(
    "cluster_name",
    [...byName.values()].map(({ name, account, clusterKey }) => [name.toLowerCase(), account ?? "", clusterKey]),
  );
  const byTail = new Map(resources.map((resource) => [resource.tail, resource]));
  await appendAll(
    "cluster_resource",
    [...byTail.values()].map(({ tail, clusterKey, kind, namespace }) => [tail, clusterKey, kind, namespace ?? ""]),
  );
}

/** Control planes name their cluster in their own id; Azure puts machines and disks into a group that is named after it. */
const CLUSTER_IN_ID = [
  ":cluster/([^/]+)$",
  "/managedclusters/([^/]+)$",
  "/resourcegroups/mc_[^/]+_([^/_]+)_[^/_]+/",
  "/clusters/([^/]+)$",
];
/** Clusters, tasks, services and machines of ECS; the second group is a service's name. */
const ECS_IN_ID = "^arn:aws[a-z-]*:ecs:[^:]*:[^:]*:(?:cluster|task|service|container-instance)/([^/]+)";
const ECS_SERVICE_IN_ID = "^arn:aws[a-z-]*:ecs:[^:]*:[^:]*:service/[^/]+/([^/]+)$";

/** `cluster_item`: every line item that is a cluster's, with its charge period in whole hours. */
function itemSql(groups: readonly ScanGroup[], period: PeriodDays): string {
  const relations = groups.map(({ fields, from, ...group }) => {
    const { text } = fields;
    const texts = [
      "provider",
      "billing_account_id",
      "sub_account_id",
      "currency",
      "resource_id",
      "resource_type",
      "service_category",
      "service_name",
    ] as const;
    return `SELECT ${texts.map((name) => `${cleanText(text[name])} AS ${name}`).join(", ")}, ${tellingTags({ fields, from, ...group })} AS raw_tags,
      ${fields.start} AS started, ${fields.end} AS ended,
      CAST(coalesce(${fields.cost.billed}, 0) AS DECIMAL(38,12)) AS billed, CAST(coalesce(${fields.cost.effective}, 0) AS DECIMAL(38,12)) AS effective
      FROM ${from} WHERE ${inPeriod({ fields, from, ...group }, period)}`;
  });
  const inId = CLUSTER_IN_ID.map((pattern) => `nullif(regexp_extract(lower(resource_id), ${literal(pattern)}, 1), '')`);
  const ecsInId = `regexp_extract(i.resource_id, ${literal(ECS_IN_ID)}, 1)`;
  const serviceInId = `nullif(regexp_extract(i.resource_id, ${literal(ECS_SERVICE_IN_ID)}, 1), '')`;
  // Where a charge starts outside of the billing period it counts in the nearest hour of it, as it does in the roll-up.
  const start = `least(greatest(date_trunc('hour', started), TIMESTAMP ${literal(period.from)}), TIMESTAMP ${literal(period.to)} - INTERVAL 1 HOUR)`;
  return `
    CREATE TEMP TABLE cluster_item AS
    WITH item AS (SELECT *, ${tailSql("resource_id")} AS tail FROM (${relations.join("\nUNION ALL\n")})),
    named AS (
      SELECT i.*, r.cluster_key AS resource_cluster, r.kind AS resource_kind, coalesce(nullif(r.namespace, ''), nullif(t.namespace, ''), ${serviceInId}, '') AS namespace,
        coalesce(t.cluster_name, CASE WHEN ${ecsInId} <> '' THEN ${literal(ecsClusterName(""))} || ${ecsInId} WHEN lower(i.resource_id) SIMILAR TO '.*(cluster/|managedclusters/|resourcegroups/mc_|/clusters/).*' THEN coalesce(${inId.join(", ")}) END) AS cluster_name,
        t.cluster_name IS NOT NULL AS is_tagged
      FROM item i LEFT JOIN cluster_tag t ON t.raw_tags = i.raw_tags LEFT JOIN cluster_resource r ON r.tail = i.tail
    ), known AS (
      SELECT n.*, coalesce(n.resource_cluster, own.cluster_key, any_account.cluster_key, CASE WHEN n.is_tagged THEN n.cluster_name END) AS cluster_key
      FROM named n
      LEFT JOIN cluster_name own ON own.name = lower(n.cluster_name) AND own.account <> '' AND own.account = coalesce(nullif(n.sub_account_id, ''), n.billing_account_id)
      LEFT JOIN cluster_name any_account ON any_account.name = lower(n.cluster_name) AND any_account.account = ''
    )
    SELECT cluster_key, starts_at,
      CAST(least(greatest(coalesce(ceil(epoch(ended - starts_at) / 3600), 24), 1), epoch(TIMESTAMP ${literal(period.to)} - starts_at) / 3600) AS INTEGER) AS hours,
      ${kindSql()} AS kind, resource_id, namespace,
      provider || ' ' || coalesce(nullif(sub_account_id, ''), billing_account_id) AS account, currency, billed, effective
    FROM (SELECT *, ${start} AS starts_at FROM known WHERE cluster_key IS NOT NULL)`;
}

/** As resourceTail has it. */
function tailSql(column: string): string {
  return `CASE WHEN starts_with(lower(${column}), '/subscriptions/') THEN regexp_replace(lower(${column}), '/virtualmachines/[0-9]+$', '')
    ELSE regexp_extract(lower(${column}), '[^/]+$') END`;
}

/** What a charge is for, by the machine that it is known to be, else by its resource's type, else by its service. */
function kindSql(): string {
  const has = (pattern: string) => `regexp_matches(lower(resource_type || ' ' || resource_id), ${literal(pattern)})`;
  return `CASE
    WHEN resource_kind IS NOT NULL THEN resource_kind
    WHEN ${has(":task/")} THEN 'node'
    WHEN ${has("^task |^service |:ecs:[^:]*:[^:]*:service/")} THEN 'other'
    WHEN ${has("managedclusters?/|:cluster/|^(managed )?cluster |/clusters/")} THEN 'control-plane'
    WHEN ${has("load ?balanc|forwarding ?rule")} OR regexp_matches(lower(service_name), 'load balanc') THEN 'balancer'
    WHEN ${has("nat ?gateway|data ?transfer|^traffic ")} THEN 'traffic'
    WHEN ${has("volume|disk|/vol-|snapshot")} THEN 'volume'
    WHEN ${has("instance|virtual ?machine|scale ?set|/i-[0-9a-f]{8,}")} THEN 'node'
    WHEN lower(service_category) = 'networking' THEN 'traffic'
    WHEN lower(service_category) = 'storage' THEN 'volume'
    ELSE 'other' END`;
}
