import { ECS_PERMISSIONS, type AwsPermission } from "#lib/sources/aws/permissions.ts";

export type EcsAction = (typeof ECS_PERMISSIONS)[number]["action"];

/** The permission that an action of this source needs. */
export function ecsPermission(action: string): AwsPermission {
  const found = ECS_PERMISSIONS.find((permission) => permission.action === action);
  if (found === undefined) throw new RangeError(`${action} is not listed`);
  return found;
}
