/** Which ECS cluster a key of Bursar's stands for. */
export type EcsCluster = { name: string; region: string; accountId: string; arn: string };

/** ECS allows letters, digits, hyphens and underscores in names, so that a dot ends one. */
const KEY = /^(?<name>[\w-]+)\.(?<region>[a-z0-9-]+)\.(?<account>\d{12})$/;
const ARN = /^arn:aws[a-z-]*:ecs:(?<region>[^:]+):(?<account>\d{12}):cluster\/(?<name>.+)$/;

/** What Bursar calls a cluster: every account has one called "default" in each region. Null where the ARN is none of a cluster. */
export function ecsClusterOf(arn: string): (EcsCluster & { key: string }) | null {
  const { name, region, account } = ARN.exec(arn)?.groups ?? {};
  if (name === undefined || region === undefined || account === undefined) return null;
  return { name, region, accountId: account, arn, key: `${name}.${region}.${account}` };
}

/** The parts of a key; null where it is none of an ECS cluster. */
export function readEcsKey(key: string): Omit<EcsCluster, "arn"> | null {
  const { name, region, account } = KEY.exec(key)?.groups ?? {};
  return name === undefined || region === undefined || account === undefined
    ? null
    : { name, region, accountId: account };
}
