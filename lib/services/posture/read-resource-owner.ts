import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { accountOwnerAt, namespaceOwnerAt } from "#lib/services/ownership/owner-at.ts";
import type { OwnerView } from "#lib/services/ownership/owner-view.ts";
import { loadTeamNames } from "#lib/services/sprawl/to-namespace-row.ts";
import type { ResourceName } from "#lib/services/posture/posture-view.ts";

type Asked = { resource: Pick<ResourceName, "accountId" | "clusterKey" | "namespaceUid">; asOf: Date | null };

/**
 * The claims that say whose a resource is: those of its namespace, otherwise of its account. Null where it is in neither, or where a
 * member asks for what is another team's, whose claims are not theirs to read.
 */
export async function readResourceOwner(context: ServiceContext, { resource, asOf }: Asked): Promise<OwnerView | null> {
  await authorise(context, "compliance:read", "owner of a resource");
  const { accountId, clusterKey, namespaceUid } = resource;
  const teams = await loadTeamNames(context.database.pool);
  const owner = await ownerOf();
  const { role, teamKey } = context.actor;
  return owner !== null && role === "member" && (teamKey === null || owner.team?.key !== teamKey) ? null : owner;

  async function ownerOf(): Promise<OwnerView | null> {
    if (clusterKey !== null && namespaceUid !== null) {
      const asked = { clusterKey, uid: namespaceUid, accountId, asOf };
      return namespaceOwnerAt(context, asked, teams);
    }
    return accountId === null ? null : accountOwnerAt(context, { accountId, asOf }, teams);
  }
}
