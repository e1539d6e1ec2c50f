import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

// The order of the keys is the order of the file, and a package's entry stays as it is, so that writing changes nothing else.
const Lockfile = z.looseObject({
  name: z.string(),
  version: z.string(),
  lockfileVersion: z.literal(3),
  requires: z.boolean(),
  packages: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const Asking = z.object({
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  dev: z.boolean().default(false),
});

export type Lockfile = z.infer<typeof Lockfile>;

/** An optional package that a locked one asks for and that has no entry of its own. */
export type MissingPackage = { path: string; askedBy: string; version: string; dev: boolean };

export async function readLockfile(root: string): Promise<Lockfile> {
  return Lockfile.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
}

/**
 * Packages for other machines (another system or processor) that the lock file lacks. A mirror that does not carry them makes
 * `npm install` drop them without a word, and `npm ci` then refuses the lock file as out of step.
 */
export function missingPackages(lockfile: Lockfile): MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  for (const [askedBy, entry] of Object.entries(lockfile.packages)) {
    const { optionalDependencies, dev } = Asking.parse(entry);
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isLocked(lockfile, askedBy, name)) continue;
      const path = `node_modules/${name}`;
      missing.set(path, { path, askedBy, version, dev });
    }
  }
  return [...missing.values()];
}

/** Looks where Node would look: beside the package, then beside each of its parents. */
function isLocked({ packages }: Lockfile, askedBy: string, name: string): boolean {
  const folders =
    askedBy === ""
      ? [""]
      : [
          "",
          ...askedBy
            .split("/node_modules/")
            .map((_, index, parts) => `${parts.slice(0, index + 1).join("/node_modules/")}/`),
        ];
  return folders.some((folder) => `${folder}node_modules/${name}` in packages);
}
