import { contextOn } from "#cli/commands/pull.ts";
import { exitCodeFor } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { hasSucceeded, printRuns } from "#cli/print-runs.ts";
import { openProgress } from "#cli/progress.ts";
import { importFiles as load } from "#lib/services/sources/import-files.ts";

/** Loads FOCUS files given by hand. */
export async function importFiles(files: string[], options: { json: boolean }): Promise<number> {
  const progress = openProgress({ quiet: options.json });
  const runs = await withInstance(({ database }) => load(contextOn(database), { files, onProgress: progress.show }));
  progress.clear();
  if (options.json) process.stdout.write(`${JSON.stringify({ runs })}\n`);
  else printRuns(runs);
  return exitCodeFor(runs.map(hasSucceeded));
}
