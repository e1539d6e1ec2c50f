import { pull, readDirectory, replayLooks, type History } from "#demo/history/replay-looks.ts";
import { seedCompliance } from "#demo/history/seed-compliance.ts";
import { seedReports } from "#demo/history/seed-reports.ts";
import { seedUsage } from "#demo/history/seed-usage.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

const ORGANISATION = "aws-organisation";

/**
 * Lets the demo begin with five weeks of looks at its clusters and of their use, because what it says of them needs a window of 30 days, and
 * with what AWS Config and Kyverno said in thirteen months.
 */
export async function seedHistory(
  history: Omit<History, "sourceKey" | "directoryKey">,
  kubeconfig: string,
): Promise<void> {
  const whole = { ...history, sourceKey: "clusters", directoryKey: "directory" };
  await syncSources({ actor: SYSTEM_ACTOR, database: whole.database, now: whole.now });
  await readDirectory(whole);
  await readAccounts(whole);
  await seedReports(whole);
  await replayLooks(whole, kubeconfig);
  await seedUsage(whole);
  await seedCompliance(whole);
}

/**
 * Whose the accounts are is read before what fails in them, so that failures are somebody's from the beginning. That look was due an hour ago: the
 * worker's first one then judges the accounts with what AWS Config says of them.
 */
async function readAccounts(history: Pick<History, "database" | "estate" | "now">): Promise<void> {
  const source = await loadSource(history.database, ORGANISATION);
  const [slice] = await source.plan({ logicalTime: history.now });
  await pull(history, ORGANISATION, source.dataset, slice?.period ?? "", 1 / 24);
}
