import { replayLooks, type History } from "#demo/history/replay-looks.ts";
import { seedUsage } from "#demo/history/seed-usage.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { rejudge } from "#lib/services/namespaces/rejudge.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

type Seeded = Omit<History, "sourceKey" | "directoryKey">;

const wholeOf = (history: Seeded): History => ({ ...history, sourceKey: "clusters", directoryKey: "directory" });

/** Lets the demo begin with five weeks of looks at its clusters: what it says of them needs a window of 30 days. */
export async function seedHistory(history: Seeded, kubeconfig: string): Promise<void> {
  const whole = wholeOf(history);
  await syncSources({ actor: SYSTEM_ACTOR, database: whole.database, now: whole.now });
  await replayLooks(whole, kubeconfig);
}

/**
 * The use of those weeks, once the bills are there: each delivery would have the days that have a use split anew. What is learnt of use is
 * judged at once, as the product does it.
 */
export async function seedUse(history: Seeded): Promise<void> {
  const whole = wholeOf(history);
  await seedUsage(whole);
  for (const { name } of plannedClusters(whole.estate))
    await whole.database.transact(({ sql }) => rejudge(sql, name, whole.now));
}
