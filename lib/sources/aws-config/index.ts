export { checkConfig } from "#lib/sources/aws-config/check.ts";
export { planConfigEvaluations } from "#lib/sources/aws-config/plan.ts";
export { readConfigEvaluations } from "#lib/sources/aws-config/read-evaluations.ts";
export { awsConfigSpec, type AwsConfigSpec } from "#lib/sources/aws-config/spec.ts";
