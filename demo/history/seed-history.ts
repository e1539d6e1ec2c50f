import { replayLooks, type History } from "#demo/history/replay-looks.ts";
import { seedUsage } from "#demo/history/seed-usage.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

/** Lets the demo begin with five weeks of looks at its clusters and of their use: what it says of them needs a window of 30 days. */
export async function seedHistory(
  history: Omit<History, "sourceKey" | "directoryKey">,
  kubeconfig: string,
): Promise<void> {
  const whole = { ...history, sourceKey: "clusters", directoryKey: "directory" };
  await syncSources({ actor: SYSTEM_ACTOR, database: whole.database, now: whole.now });
  await replayLooks(whole, kubeconfig);
  await seedUsage(whole);
}
