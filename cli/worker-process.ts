import { reportFailure } from "#cli/exit-code.ts";
import { startWorker, type Worker } from "#jobs/worker.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { readEnvironment } from "#lib/env.ts";
import { AppError } from "#lib/errors.ts";

/** The process that does the queued jobs: a child of `bursar start`, or on its own where several machines share a database. */
async function main(): Promise<void> {
  const url = readEnvironment().DATABASE_URL;
  if (url === undefined) {
    throw new AppError("invalid_config", "A worker of its own needs DATABASE_URL.", {
      remedy: "Set it, or use npm start.",
    });
  }
  const database = openDatabase(url);
  stopOnSignal(database, await startWorker(database));
}

function stopOnSignal(database: Database, worker: Worker): void {
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await worker.stop();
    await database.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void stop());
}

try {
  await main();
} catch (thrown) {
  reportFailure(thrown, { json: false });
  process.exit();
}
