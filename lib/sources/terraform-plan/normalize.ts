import { isDrifted, type ParsedPlan, type PlannedChange } from "#lib/sources/terraform-plan/parse-plan.ts";

/** What the plans of a workspace say of one resource. */
export type PlannedResource = {
  workspace: string;
  change: PlannedChange;
  /** Null = the newest plan ended with an error, or is too old. */
  isDrifted: boolean | null;
  /** When the first of the newest plans that all find it drifted was made; null = none of them says when, or it is not drifted. */
  driftedSince: Date | null;
};

const DAY_MS = 86_400_000;

/**
 * Plans of one workspace, in the order of their names, which counts where they do not say when they were made, as what is known of its resources now: the newest plan says whether, the ones before it since when. A
 * plan that ended with an error says nothing of any resource, not even that it is still there.
 */
export function readWorkspace(
  workspace: string,
  plans: readonly ParsedPlan[],
  { now, maxAgeDays }: { now: Date; maxAgeDays: number },
): PlannedResource[] {
  const byAge = plans.toReversed().toSorted((a, b) => (b.plannedAt?.getTime() ?? 0) - (a.plannedAt?.getTime() ?? 0));
  const [newest] = byAge;
  if (!newest) return [];
  const whole = byAge.filter(({ isWhole }) => isWhole);
  const isOld = newest.plannedAt !== null && now.getTime() - newest.plannedAt.getTime() > maxAgeDays * DAY_MS;
  const isKnown = newest.isWhole && !isOld;
  const listed = newest.isWhole ? newest : (whole[0] ?? newest);
  const account = onlyAccountOf(listed);
  return [...listed.changes.values()].map((change) => {
    const drifting = whole.slice(0, lengthOfDrift(whole, change.address));
    const times = drifting.flatMap(({ plannedAt }) => plannedAt ?? []);
    return {
      workspace,
      change: { ...change, accountId: change.accountId ?? account },
      isDrifted: isKnown ? isDrifted(change) : null,
      driftedSince: times.at(-1) ?? null,
    };
  });
}

/** How many plans in a row, from the newest on, find the resource drifted. */
function lengthOfDrift(plans: readonly ParsedPlan[], address: string): number {
  const end = plans.findIndex(({ changes }) => {
    const change = changes.get(address);
    return change === undefined || !isDrifted(change);
  });
  return end === -1 ? plans.length : end;
}

/** Many resources have no address of the cloud in them. Where all others of the workspace are in one account, so are they. */
function onlyAccountOf({ changes }: ParsedPlan): string | null {
  const accounts = new Set([...changes.values()].flatMap(({ accountId }) => accountId ?? []));
  return accounts.size === 1 ? ([...accounts][0] ?? null) : null;
}
