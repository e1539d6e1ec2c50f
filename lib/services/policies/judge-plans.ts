import { unpackEvidence } from "#lib/db/posture/store-evidence.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { DRIFT_POLICIES } from "#lib/policies/index.ts";
import { policySettings } from "#lib/services/policies/policy-settings.ts";
import { judgeAll, toReading } from "#lib/services/policies/to-reading.ts";
import type { EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import type { PlannedResource } from "#lib/sources/terraform-plan/index.ts";

const KIND = "Terraform resource";

/**
 * What plans of Terraform found, judged by how long it has been so. Where the plans on file do not reach back to when it began, what was
 * stored at the look before does: a file that is overwritten each day does not begin anew each day.
 */
export async function judgePlans(
  sql: SqlExecutor,
  { sourceKey, part, resources, now }: { sourceKey: string; part: string; resources: PlannedResource[]; now: Date },
): Promise<EvaluationReading> {
  const known = await readKnownDrift(sql, sourceKey, part);
  const things = resources.map((resource) => {
    const key = keyOf(resource);
    const { isDrifted } = resource;
    const since = earliest(resource.driftedSince, known.get(key) ?? null);
    // An error in between does not make what was drifted before younger.
    const driftedSince = isDrifted === false ? null : isDrifted === true ? (since ?? now) : since;
    return { planned: resource, resource: toResource(resource, key), facts: { isDrifted, driftedSince } };
  });
  const { rules, items } = judgeAll({ policies: DRIFT_POLICIES, things }, { now, settings: policySettings() });
  const evidence = new Map(things.map((thing) => [thing.resource.key, evidenceOf(thing)]));
  const kept = items.map((item): EvaluationItem => ({ ...item, evidence: evidence.get(item.resource.key) ?? null }));
  return toReading([{ rules, items: kept }]);
}

function evidenceOf({
  planned,
  facts,
}: {
  planned: PlannedResource;
  facts: { driftedSince: Date | null };
}): Record<string, unknown> {
  const { address, type, actions, isChangedOutside, attributes } = planned.change;
  return {
    workspace: planned.workspace,
    address,
    type,
    actions,
    isChangedOutside,
    attributes,
    driftedSince: facts.driftedSince?.toISOString() ?? null,
  };
}

function toResource({ workspace, change }: PlannedResource, key: string): EvaluationItem["resource"] {
  return {
    kind: KIND,
    key,
    name: `${workspace} ${change.address}`,
    accountId: change.accountId,
    region: change.region,
    clusterKey: null,
    namespaceUid: null,
    environment: null,
  };
}

function keyOf({ workspace, change }: PlannedResource): string {
  return `${workspace}/${change.address}`;
}

function earliest(first: Date | null, second: Date | null): Date | null {
  return first !== null && (second === null || first < second) ? first : second;
}

/** By key of the resource: since when the last look knew it as drifted. */
async function readKnownDrift(sql: SqlExecutor, sourceKey: string, part: string): Promise<Map<string, Date>> {
  const { rows } = await sql.query(
    `SELECT r.resource_key AS key, e.body FROM evaluation v
     JOIN posture_cell c ON c.id = v.cell_id JOIN compliance_resource r ON r.id = v.resource_id JOIN evidence e ON e.hash = v.evidence_hash
     WHERE c.grain = 'full' AND c.source_key = $1 AND c.part = $2 AND r.kind = $3 AND v.valid_to IS NULL AND v.retired_at IS NULL`,
    [sourceKey, part, KIND],
  );
  const found = new Map<string, Date>();
  for (const { key, body } of rows) {
    const { driftedSince } = Object(JSON.parse((await unpackEvidence(body as Uint8Array)).toString("utf8"))) as {
      driftedSince?: unknown;
    };
    if (typeof driftedSince === "string") found.set(String(key), new Date(driftedSince));
  }
  return found;
}
