import { dayText, isOlderThan } from "#lib/policies/age.ts";
import type { NamespaceFacts } from "#lib/policies/facts.ts";
import type { PolicySettings } from "#lib/policies/policy-settings.ts";
import { fails, notApplicable, passes, unknown, type Judgement, type PolicyContext } from "#lib/policies/policy.ts";

export function judge(facts: NamespaceFacts, { now, settings }: PolicyContext<PolicySettings>): Judgement {
  const { holdsData, lastBackupAt, restoreTestedAt } = facts;
  if (holdsData === false) return notApplicable("It has no volume.");
  if (holdsData === null) return unknown("Volumes could not be read.");
  const { backupDays, restoreTestDays } = settings;
  const late = [
    ...(lastBackupAt !== null && isOlderThan(lastBackupAt, backupDays, now)
      ? [`It was last backed up on ${dayText(lastBackupAt)}, more than ${backupDays} days ago.`]
      : []),
    ...(restoreTestedAt !== null && isOlderThan(restoreTestedAt, restoreTestDays, now)
      ? [`Restoring it was last tried on ${dayText(restoreTestedAt)}, more than ${restoreTestDays} days ago.`]
      : []),
  ];
  if (late.length > 0) return fails(late.join(" "));
  if (lastBackupAt === null) return unknown("Nothing says when it was last backed up.");
  if (restoreTestedAt === null) return fails("It is backed up, and nothing says that restoring it was ever tried.");
  return passes(`Restoring it was last tried on ${dayText(restoreTestedAt)}.`);
}
