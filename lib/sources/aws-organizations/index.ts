export { checkOrganization } from "#lib/sources/aws-organizations/check.ts";
export { planOrganization } from "#lib/sources/aws-organizations/plan.ts";
export { readOrganization } from "#lib/sources/aws-organizations/read-organization.ts";
export { organizationsSpec } from "#lib/sources/aws-organizations/spec.ts";
