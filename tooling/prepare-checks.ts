import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommand, type CommandResult } from "#tooling/run-command.ts";

/** What the checks read but nobody commits: the generated Prisma client and the types of the pages. */
export async function prepareChecks(root: string): Promise<CommandResult> {
  const client = await runCommand(root, ["node", "cli/prepare.ts"], { echo: false });
  if (client.exitCode !== 0 || !existsSync(join(root, "app"))) return client;
  return runCommand(root, ["next", "typegen"], { echo: false, env: { NEXT_TELEMETRY_DISABLED: "1" } });
}
