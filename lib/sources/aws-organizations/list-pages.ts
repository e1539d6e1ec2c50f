import type { AwsClients } from "#lib/sources/aws/client.ts";
import { listPages as listAllPages, type AskPage } from "#lib/sources/aws/list-pages.ts";
import { ORGANIZATIONS_PERMISSIONS, type AwsPermission } from "#lib/sources/aws/permissions.ts";

/** All entries of a paged list of Organizations. `action` is one of ORGANIZATIONS_PERMISSIONS. */
export function listPages<T>(clients: AwsClients, action: string, ask: AskPage<T>): Promise<T[]> {
  return listAllPages(clients, permissionOf(action), ask);
}

/** The permission that an action of this source needs. */
export function permissionOf(action: string): AwsPermission {
  const found = ORGANIZATIONS_PERMISSIONS.find((permission) => permission.action === action);
  if (found === undefined) throw new RangeError(`${action} is not listed`);
  return found;
}
