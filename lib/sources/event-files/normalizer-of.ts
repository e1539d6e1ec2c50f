import { argocd } from "#lib/sources/argocd/normalize.ts";
import { azureActivity } from "#lib/sources/azure-activity/normalize.ts";
import type { RecordNormalizer } from "#lib/sources/event-files/event-file-source.ts";
import { rancherAudit } from "#lib/sources/rancher-audit/normalize.ts";
import { servicenow } from "#lib/sources/servicenow/normalize.ts";
import type { SourceSpec } from "#lib/sources/source-spec.ts";
import { terraform } from "#lib/sources/terraform/normalize.ts";

/** A trail that comes as files and in no other way. */
export type EventFileSpec = Extract<
  SourceSpec,
  { kind: "azure-activity" | "rancher-audit" | "argocd" | "terraform" | "servicenow" }
>;

/** What the records of a trail's files say. */
export function normalizerOf(spec: EventFileSpec): RecordNormalizer {
  switch (spec.kind) {
    case "azure-activity":
      return azureActivity;
    case "rancher-audit":
      return rancherAudit(spec.clusters);
    case "argocd":
      return argocd(spec.clusters);
    case "terraform":
      return terraform;
    case "servicenow":
      return servicenow;
  }
}
