export { checkEcs } from "#lib/sources/aws-ecs/check.ts";
export { readEcsKey } from "#lib/sources/aws-ecs/cluster-key.ts";
export { planEcs } from "#lib/sources/aws-ecs/plan.ts";
export { readEcsCluster, sampleEcsCluster } from "#lib/sources/aws-ecs/read-cluster.ts";
export { ecsSpec, type EcsSpec } from "#lib/sources/aws-ecs/spec.ts";
