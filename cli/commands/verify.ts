import { readFileSync } from "node:fs";
import { EXIT } from "#cli/exit-code.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";

/** Is a bundle what it was signed as? Needs no network, no database and no configuration: it runs the script that lies in every bundle. */
export function verify(file: string, options: { key?: string; json: boolean }): Promise<number> {
  const result = read(file, () => verifyBundle(file, options.key === undefined ? null : readKey(options.key)));
  if (options.json) process.stdout.write(`${JSON.stringify({ bundle: file, ...result })}\n`);
  else {
    for (const fact of result.facts) process.stdout.write(`ok      ${fact}\n`);
    for (const problem of result.problems) process.stdout.write(`FAILED  ${problem}\n`);
    process.stdout.write(result.ok ? "The bundle is as it was signed.\n" : "The bundle must not be relied on.\n");
  }
  return Promise.resolve(result.ok ? EXIT.ok : EXIT.failed);
}

function readKey(file: string): string {
  return read(file, () => readFileSync(file, "utf8"));
}

function read<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError("invalid_input", `${file} cannot be read (${errorCode(thrown)}).`, {
      remedy: "Check the path and its permissions.",
      place: { file },
      cause: thrown,
    });
  }
}
