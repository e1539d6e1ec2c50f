import { toAppError } from "#lib/errors.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** One line of a check: what was tried, and the error where it failed. */
export async function checkStep(what: string, work: () => Promise<unknown>): Promise<CheckResult> {
  try {
    await work();
    return { what, ok: true, error: null };
  } catch (thrown) {
    return { what, ok: false, error: toAppError(thrown).toJSON() };
  }
}
