import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { missingPackages, readLockfile, type Lockfile } from "#tooling/lockfile.ts";

const SYSTEMS: Record<string, string> = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  openharmony: "openharmony",
  win32: "win32",
  windows: "win32",
};
const PROCESSORS = ["arm", "arm64", "ia32", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
const LIBRARIES: Record<string, string> = {
  gnu: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl",
};

/**
 * Gives the packages for other machines back to package-lock.json, which `npm install` behind a mirror without them has
 * dropped. Run it after every `npm install`. What a package is for is read from its name, as all of them are named; the hash
 * is left out, because nothing here has seen the package, and npm then trusts the registry it is configured for.
 */
async function completeLockfile(root: string): Promise<number> {
  const lockfile = await readLockfile(root);
  const missing = missingPackages(lockfile);
  const packages: Lockfile["packages"] = { ...lockfile.packages };
  for (const { path, version, dev } of missing) {
    if (!/^\d+\.\d+\.\d+/.test(version))
      throw new Error(`${path} is asked for as "${version}", which is no exact version.`);
    packages[path] = { version, ...machineOf(path), ...(dev ? { dev } : {}), optional: true };
  }
  const sorted = Object.fromEntries(
    Object.entries(packages).toSorted(([left], [right]) => left.localeCompare(right, "en")),
  );
  const text = `${JSON.stringify({ ...lockfile, packages: sorted }, null, 2)}\n`;
  await writeFile(join(root, "package-lock.json"), text);
  return missing.length;
}

function machineOf(path: string): { cpu?: string[]; os?: string[]; libc?: string[] } {
  const words = path.replace("node_modules/", "").split(/[/-]/);
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const os = words.flatMap((word) => SYSTEMS[word] ?? []);
  const libc = words.flatMap((word) => LIBRARIES[word] ?? []);
  if (cpu.length === 0) throw new Error(`The name ${path} does not say for which processor it is.`);
  return { cpu, ...(os.length > 0 ? { os } : {}), ...(libc.length > 0 ? { libc } : {}) };
}

if (import.meta.main) {
  console.log(`package-lock.json: ${await completeLockfile(resolve("."))} packages for other machines were missing.`);
}
