import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand, type CommandResult } from "#tooling/run-command.ts";

/** What the checks read but nobody commits: the generated Prisma client and the types of the pages. */
export async function prepareChecks(root: string): Promise<CommandResult> {
  const client = await runCommand(root, ["prisma", "generate"], {
    echo: false,
    env: {
      // Generating needs no engine, but the command looks for one and would download it. Any file that exists stops it.
      PRISMA_SCHEMA_ENGINE_BINARY: join(root, "package.json"),
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  });
  if (client.exitCode !== 0 || !existsSync(join(root, "app"))) return client;
  return runCommand(root, ["next", "typegen"], { echo: false, env: { NEXT_TELEMETRY_DISABLED: "1" } });
}
