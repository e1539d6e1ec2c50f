import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { abandonSilentRuns } from "#lib/services/runs/abandon-silent-runs.ts";

export async function watchRuns(database: Database): Promise<void> {
  await abandonSilentRuns({ actor: SYSTEM_ACTOR, database, now: new Date() });
}
