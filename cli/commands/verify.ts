import { readFileSync } from "node:fs";
import { EXIT } from "#cli/exit-code.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { checkTimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import { readBundleFile, verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";

/**
 * Is a bundle what it was signed as? Needs no network, no database and no configuration: it runs the script that lies in every bundle, and checks
 * the time stamp, which that script leaves to openssl.
 */
export async function verify(file: string, options: { key?: string; tsa?: string; json: boolean }): Promise<number> {
  const result = read(file, () => verifyBundle(file, options.key === undefined ? null : readText(options.key)));
  if (result.ok) await checkStamp(file, options.tsa === undefined ? null : readText(options.tsa), result);
  if (options.json) process.stdout.write(`${JSON.stringify({ bundle: file, ...result })}\n`);
  else {
    for (const fact of result.facts) process.stdout.write(`ok      ${fact}\n`);
    for (const problem of result.problems) process.stdout.write(`FAILED  ${problem}\n`);
    process.stdout.write(result.ok ? "The bundle is as it was signed.\n" : "The bundle must not be relied on.\n");
  }
  return result.ok ? EXIT.ok : EXIT.failed;
}

type Result = { ok: boolean; problems: string[]; facts: string[] };

async function checkStamp(file: string, authority: string | null, result: Result): Promise<void> {
  const [stamp, envelope] = [readBundleFile(file, "timestamp.tsr"), readBundleFile(file, "signature.dsse.json")];
  if (stamp === null || envelope === null) {
    if (authority !== null) addProblem(result, "The bundle has no time stamp.");
    return;
  }
  try {
    const { at, by, isTrusted } = await checkTimeStamp(stamp, envelope, authority);
    const signed = `The signature was there at ${at.toISOString()}, says ${by}`;
    if (isTrusted === false) addProblem(result, "The time stamp was not issued by the given authority.");
    else result.facts.push(`${signed}${isTrusted ? "" : ", whose certificate the bundle brings itself: use --tsa"}.`);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "bad_data") throw thrown;
    addProblem(result, thrown.message);
  }
}

function addProblem(result: Result, problem: string): void {
  result.ok = false;
  result.problems.push(problem);
}

function readText(file: string): string {
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
