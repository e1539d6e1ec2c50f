import { EXIT } from "#cli/exit-code.ts";
import { readGiven, readGivenKeys, reading } from "#cli/read-given.ts";
import { AppError } from "#lib/errors.ts";
import { checkTimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import { readBundleFile, verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";

/**
 * Is a bundle what it was signed as? Needs no network, no database and no configuration: it runs the script that lies in every bundle, and checks
 * the time stamp, which that script leaves to openssl.
 */
export async function verify(file: string, options: { key?: string; tsa?: string; json: boolean }): Promise<number> {
  const [key] = options.key === undefined ? [null] : readGivenKeys(options.key);
  const authority = options.tsa === undefined ? null : readGiven(options.tsa).toString("utf8");
  const result = reading(file, () => verifyBundle(file, key));
  if (result.ok) await checkStamp(file, authority, result);
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
