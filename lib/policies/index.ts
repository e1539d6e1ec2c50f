import accountHasConfigWords from "#lib/policies/account-has-config/metadata.json" with { type: "json" };
import { judge as accountHasConfig } from "#lib/policies/account-has-config/policy.ts";
import accountHasTrailWords from "#lib/policies/account-has-trail/metadata.json" with { type: "json" };
import { judge as accountHasTrail } from "#lib/policies/account-has-trail/policy.ts";
import backupAndRestoreTestedWords from "#lib/policies/backup-and-restore-tested/metadata.json" with { type: "json" };
import { judge as backupAndRestoreTested } from "#lib/policies/backup-and-restore-tested/policy.ts";
import containerBaseImageAgeWords from "#lib/policies/container-base-image-age/metadata.json" with { type: "json" };
import { judge as containerBaseImageAge } from "#lib/policies/container-base-image-age/policy.ts";
import driftAgeWords from "#lib/policies/drift-age/metadata.json" with { type: "json" };
import { judge as driftAge } from "#lib/policies/drift-age/policy.ts";
import leaverHasNoAccessWords from "#lib/policies/leaver-has-no-access/metadata.json" with { type: "json" };
import { judge as leaverHasNoAccess } from "#lib/policies/leaver-has-no-access/policy.ts";
import machineImageAgeWords from "#lib/policies/machine-image-age/metadata.json" with { type: "json" };
import { judge as machineImageAge } from "#lib/policies/machine-image-age/policy.ts";
import namespaceDefaultDenyWords from "#lib/policies/namespace-default-deny/metadata.json" with { type: "json" };
import { judge as namespaceDefaultDeny } from "#lib/policies/namespace-default-deny/policy.ts";
import namespaceEnvironmentsApartWords from "#lib/policies/namespace-environments-apart/metadata.json" with { type: "json" };
import { judge as namespaceEnvironmentsApart } from "#lib/policies/namespace-environments-apart/policy.ts";
import namespaceOwnerKnownWords from "#lib/policies/namespace-owner-known/metadata.json" with { type: "json" };
import { judge as namespaceOwnerKnown } from "#lib/policies/namespace-owner-known/policy.ts";
import namespacePodSecurityStandardWords from "#lib/policies/namespace-pod-security-standard/metadata.json" with { type: "json" };
import { judge as namespacePodSecurityStandard } from "#lib/policies/namespace-pod-security-standard/policy.ts";
import namespaceQuotaAndLimitsWords from "#lib/policies/namespace-quota-and-limits/metadata.json" with { type: "json" };
import { judge as namespaceQuotaAndLimits } from "#lib/policies/namespace-quota-and-limits/policy.ts";
import noClusterAdminOutsidePlatformWords from "#lib/policies/no-cluster-admin-outside-platform/metadata.json" with { type: "json" };
import {
  judge as noClusterAdminOutsidePlatform,
  type AdministeredFacts,
} from "#lib/policies/no-cluster-admin-outside-platform/policy.ts";
import noDefaultServiceAccountTokenWords from "#lib/policies/no-default-service-account-token/metadata.json" with { type: "json" };
import { judge as noDefaultServiceAccountToken } from "#lib/policies/no-default-service-account-token/policy.ts";
import noSecretsInConfigurationWords from "#lib/policies/no-secrets-in-configuration/metadata.json" with { type: "json" };
import { judge as noSecretsInConfiguration } from "#lib/policies/no-secrets-in-configuration/policy.ts";
import nodeAgeWords from "#lib/policies/node-age/metadata.json" with { type: "json" };
import { judge as nodeAge } from "#lib/policies/node-age/policy.ts";
import regionRedundancyWords from "#lib/policies/region-redundancy/metadata.json" with { type: "json" };
import { judge as regionRedundancy, type TieredFacts } from "#lib/policies/region-redundancy/policy.ts";
import requiredTagsWords from "#lib/policies/required-tags/metadata.json" with { type: "json" };
import { judge as requiredTags } from "#lib/policies/required-tags/policy.ts";
import userHasMfaWords from "#lib/policies/user-has-mfa/metadata.json" with { type: "json" };
import { judge as userHasMfa } from "#lib/policies/user-has-mfa/policy.ts";
import vulnerabilityDeadlineWords from "#lib/policies/vulnerability-deadline/metadata.json" with { type: "json" };
import { judge as vulnerabilityDeadline } from "#lib/policies/vulnerability-deadline/policy.ts";
import type {
  AccountFacts,
  DriftFacts,
  NamespaceFacts,
  NodeFacts,
  PersonFacts,
  WorkloadFacts,
} from "#lib/policies/facts.ts";
import {
  metadataOf,
  type Judgement,
  type Policy,
  type PolicyContext,
  type PolicyMetadata,
} from "#lib/policies/policy.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";

type Check<Facts> = Policy<Facts, PolicySettings>;

/** Looked at in each namespace. */
export const NAMESPACE_POLICIES: readonly Check<NamespaceFacts>[] = [
  check("namespace-owner-known", namespaceOwnerKnownWords, namespaceOwnerKnown),
  check("namespace-pod-security-standard", namespacePodSecurityStandardWords, namespacePodSecurityStandard),
  check("namespace-default-deny", namespaceDefaultDenyWords, namespaceDefaultDeny),
  check("namespace-quota-and-limits", namespaceQuotaAndLimitsWords, namespaceQuotaAndLimits),
  check("no-default-service-account-token", noDefaultServiceAccountTokenWords, noDefaultServiceAccountToken),
  check("namespace-environments-apart", namespaceEnvironmentsApartWords, namespaceEnvironmentsApart),
  check("backup-and-restore-tested", backupAndRestoreTestedWords, backupAndRestoreTested),
  check("no-secrets-in-configuration", noSecretsInConfigurationWords, noSecretsInConfiguration),
];

/** Looked at on each node. */
export const NODE_POLICIES: readonly Check<NodeFacts>[] = [
  check("machine-image-age", machineImageAgeWords, machineImageAge),
  check("node-age", nodeAgeWords, nodeAge),
];

/** Looked at on each workload. */
export const WORKLOAD_POLICIES: readonly Check<WorkloadFacts>[] = [
  check("container-base-image-age", containerBaseImageAgeWords, containerBaseImageAge),
  check("vulnerability-deadline", vulnerabilityDeadlineWords, vulnerabilityDeadline),
];

/** Looked at on each application that is rolled out from a declaration. */
export const DRIFT_POLICIES: readonly Check<DriftFacts>[] = [check("drift-age", driftAgeWords, driftAge)];

/** Looked at in each account. */
export const ACCOUNT_POLICIES: readonly Check<AccountFacts>[] = [
  check("required-tags", requiredTagsWords, requiredTags),
  check("account-has-trail", accountHasTrailWords, accountHasTrail),
  check("account-has-config", accountHasConfigWords, accountHasConfig),
];

/** Looked at for each person. */
export const PERSON_POLICIES: readonly Check<PersonFacts>[] = [
  check("user-has-mfa", userHasMfaWords, userHasMfa),
  check("leaver-has-no-access", leaverHasNoAccessWords, leaverHasNoAccess),
];

/** Looked at in each cluster, and in each namespace. */
export const ADMINISTRATION_POLICIES: readonly Check<AdministeredFacts>[] = [
  check("no-cluster-admin-outside-platform", noClusterAdminOutsidePlatformWords, noClusterAdminOutsidePlatform),
];

/** Looked at in each account and in each namespace. */
export const TIER_POLICIES: readonly Check<TieredFacts>[] = [
  check("region-redundancy", regionRedundancyWords, regionRedundancy),
];

/** Every check of our own. */
export const POLICIES: readonly Pick<Policy<never, PolicySettings>, "id" | "metadata">[] = [
  ...NAMESPACE_POLICIES,
  ...NODE_POLICIES,
  ...WORKLOAD_POLICIES,
  ...DRIFT_POLICIES,
  ...ACCOUNT_POLICIES,
  ...PERSON_POLICIES,
  ...ADMINISTRATION_POLICIES,
  ...TIER_POLICIES,
];

function check<Facts>(
  id: string,
  words: Omit<PolicyMetadata, "severity"> & { severity: string },
  judge: (facts: Facts, context: PolicyContext<PolicySettings>) => Judgement,
): Check<Facts> {
  return { id, metadata: metadataOf(words), judge };
}
