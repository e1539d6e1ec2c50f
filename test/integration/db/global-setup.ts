import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedServer } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A database with every migration applied, to copy from. Nothing may stay connected to it. */
    templateUrl: string;
  }
}

/** One PostgreSQL server for a whole run of the integration tests. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), "bursar-test-"));
  // As root the server runs as another user, which has to pass through here.
  chmodSync(home, 0o711);
  const server = await startEmbeddedServer(home);
  await migrate(server.url);
  project.provide("templateUrl", server.url);
  return async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
}
