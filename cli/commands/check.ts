import { exitCodeFor } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { loadConfig } from "#lib/config.ts";
import { toAppError } from "#lib/errors.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** Is the configuration valid, does the database answer, can each source be read, and what is missing where it cannot. */
export async function check(options: { json: boolean }): Promise<number> {
  const config = loadConfig();
  const sources = await withInstance(async ({ database }) => {
    const results: { key: string; checks: CheckResult[] }[] = [];
    for (const key of Object.keys(config.sources)) {
      const source = await loadSource(database, key);
      results.push({ key, checks: await source.check().catch(failedCheck) });
    }
    return results;
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ configuration: config.file, sources })}\n`);
  else print(config.file, sources);
  return exitCodeFor(sources.map(({ checks }) => checks.every((one) => one.ok)));
}

function failedCheck(thrown: unknown): CheckResult[] {
  return [{ what: "Read the source", ok: false, error: toAppError(thrown).toJSON() }];
}

function print(file: string | null, sources: { key: string; checks: CheckResult[] }[]): void {
  process.stdout.write(
    file === null ? "There is no bursar.yaml here; the defaults are used.\n" : `The configuration ${file} is valid.\n`,
  );
  process.stdout.write("The database answers.\n");
  for (const { key, checks } of sources) {
    for (const { what, ok, error } of checks) {
      process.stdout.write(`${ok ? "ok      " : "FAILED  "}${key}: ${what}\n`);
      if (error !== null)
        process.stdout.write(`        ${error.message}${error.remedy === null ? "" : ` ${error.remedy}`}\n`);
    }
  }
  if (sources.length === 0) process.stdout.write("No source is configured yet.\n");
}
