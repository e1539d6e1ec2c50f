import { contextOn } from "#cli/context-on.ts";
import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { printRuns } from "#cli/print-runs.ts";
import { listRuns } from "#lib/services/runs/list-runs.ts";

/** The newest runs. */
export async function runs(options: { source?: string; limit: number; json: boolean }): Promise<number> {
  const found = await withInstance(({ database }) =>
    listRuns(contextOn(database), {
      limit: options.limit,
      ...(options.source === undefined ? {} : { sourceKey: options.source }),
    }),
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ runs: found })}\n`);
  else if (found.length === 0) process.stdout.write("Nothing has run yet.\n");
  else printRuns(found);
  return EXIT.ok;
}
