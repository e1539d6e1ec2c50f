import { startWorker } from "#jobs/worker.ts";
import { openDatabase } from "#lib/db/client.ts";
import { readEnvironment } from "#lib/env.ts";

// A worker process for tests: it is loaded ahead and starts working when it is told to, so that tests do not wait for imports.
const url = readEnvironment().DATABASE_URL ?? "";
process.once("message", () => void startWorker(openDatabase(url)));
// However the test's process ends, no worker stays behind.
process.once("disconnect", () => process.exit());
process.send?.("loaded");
