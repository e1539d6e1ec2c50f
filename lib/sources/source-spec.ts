import { z } from "zod";
import { argocdSpec } from "#lib/sources/argocd/spec.ts";
import { cloudTrailSpec } from "#lib/sources/aws-cloudtrail/spec.ts";
import { awsConfigSpec } from "#lib/sources/aws-config/spec.ts";
import { costExplorerSpec } from "#lib/sources/aws-cost-explorer/spec.ts";
import { ecsSpec } from "#lib/sources/aws-ecs/spec.ts";
import { organizationsSpec } from "#lib/sources/aws-organizations/spec.ts";
import { azureActivitySpec } from "#lib/sources/azure-activity/spec.ts";
import { baselineSpec } from "#lib/sources/baseline/spec.ts";
import { directoryFileSpec } from "#lib/sources/directory-file/spec.ts";
import { exchangeRatesFileSpec } from "#lib/sources/exchange-rates-file/spec.ts";
import { findingsSpec } from "#lib/sources/findings/spec.ts";
import { focusSpec } from "#lib/sources/focus/spec.ts";
import { kubernetesAuditSpec } from "#lib/sources/kubernetes-audit/spec.ts";
import { kubernetesSpec } from "#lib/sources/kubernetes/spec.ts";
import { rancherAuditSpec } from "#lib/sources/rancher-audit/spec.ts";
import { servicenowSpec } from "#lib/sources/servicenow/spec.ts";
import { terraformPlanSpec } from "#lib/sources/terraform-plan/spec.ts";
import { terraformSpec } from "#lib/sources/terraform/spec.ts";

export { withServerFiles } from "#lib/sources/usage/server-spec.ts";

/** The settings of one source of bursar.yaml; its kind says which folder of lib/sources reads it. */
export const sourceSpec = z.discriminatedUnion("kind", [
  focusSpec,
  costExplorerSpec,
  organizationsSpec,
  ecsSpec,
  awsConfigSpec,
  cloudTrailSpec,
  findingsSpec,
  baselineSpec,
  terraformPlanSpec,
  kubernetesSpec,
  kubernetesAuditSpec,
  azureActivitySpec,
  rancherAuditSpec,
  argocdSpec,
  terraformSpec,
  servicenowSpec,
  directoryFileSpec,
  exchangeRatesFileSpec,
]);

export type SourceSpec = z.infer<typeof sourceSpec>;
