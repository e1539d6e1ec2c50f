import type { NamespaceFacts } from "#lib/policies/facts.ts";
import { fails, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

/** What the template says counts before what its service account says; by default the token is mounted. */
export function judge({ templates, isDefaultTokenMounted }: NamespaceFacts): Judgement {
  if (templates === null) return unknown("Workloads could not be read.");
  const using = templates.filter(({ usesDefaultAccount }) => usesDefaultAccount);
  const carrying = using.filter(({ mountsToken }) => mountsToken ?? isDefaultTokenMounted === true);
  if (carrying.length > 0)
    return fails(
      `The token of the service account "default" is mounted into ${carrying.length === 1 ? carrying[0]?.workload : `${carrying.length} workloads`}.`,
      carrying.map(({ workload }) => ({ workload })),
    );
  if (isDefaultTokenMounted === null && using.some(({ mountsToken }) => mountsToken === null))
    return unknown("Service accounts could not be read.");
  return passes('No workload is given the token of the service account "default".');
}
