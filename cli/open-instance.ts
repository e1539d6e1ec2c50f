import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { startEmbeddedServer, type EmbeddedServer } from "#lib/db/embedded.ts";
import { resolveHome } from "#lib/db/home.ts";
import { migrate } from "#lib/db/migrate.ts";
import { readEnvironment } from "#lib/env.ts";
import { prepareQueue } from "#lib/services/runs/queue.ts";
import { fillMfa } from "#lib/services/trail/append/fill-mfa.ts";

export type Instance = {
  database: Database;
  /** Resolves when the embedded server has ended; null where the server is somebody else's. */
  serverEnded: Promise<void> | null;
  appliedMigrations: string[];
  /** Closes the database and stops the embedded server where nobody else uses it. */
  close(): Promise<void>;
};

/** This installation's database, ready for use: the one of DATABASE_URL, otherwise the embedded one; migrated, with its queues. */
export async function openInstance(): Promise<Instance> {
  const configured = readEnvironment().DATABASE_URL;
  const server: EmbeddedServer | null = configured === undefined ? await startEmbeddedServer(resolveHome()) : null;
  const url = configured ?? server?.url ?? "";
  try {
    const appliedMigrations = await migrate(url);
    const database = openDatabase(url);
    await prepareQueue(database);
    await fillMfa({ actor: SYSTEM_ACTOR, database, now: new Date() });
    return {
      database,
      serverEnded: server?.ended ?? null,
      appliedMigrations,
      close: async () => {
        await database.close();
        await server?.stop();
      },
    };
  } catch (thrown) {
    await server?.stop();
    throw thrown;
  }
}

/** Runs `work` with an open instance and closes it, however `work` ends. */
export async function withInstance<T>(work: (instance: Instance) => Promise<T>): Promise<T> {
  const instance = await openInstance();
  try {
    return await work(instance);
  } finally {
    await instance.close();
  }
}
