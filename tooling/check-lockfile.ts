import { missingPackages, readLockfile } from "#tooling/lockfile.ts";
import type { Violation } from "#tooling/violation.ts";

/** Refuses a lock file that `npm ci` would call out of step on this or another kind of machine. */
export async function checkLockfile(root: string): Promise<Violation[]> {
  return missingPackages(await readLockfile(root)).map(({ path, askedBy }) => ({
    file: "package-lock.json",
    line: 1,
    rule: "locked",
    message: `${path} is missing, which ${askedBy} asks for. Run \`node tooling/complete-lockfile.ts\`.`,
  }));
}
