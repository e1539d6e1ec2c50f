import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors.ts";

/**
 * A secret of this installation, in `<home>/secrets`, made when it is first asked for. Two processes that make it at the same time end up with
 * one.
 *
 * @throws AppError "invalid_config" where others than its owner may read the file.
 */
export function openSecretFile(
  home: string,
  name: string,
  make: () => string | Buffer,
): { path: string; content: Buffer } {
  const folder = join(home, "secrets");
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(path, { throwIfNoEntry: false }) === undefined) makeFile(folder, name, make());
  if ((statSync(path).mode & 0o077) !== 0)
    throw new AppError("invalid_config", `Others than its owner may read the key ${path}.`, {
      remedy: "Set its mode to 0600, and make a new key where somebody may have read it.",
      place: { file: path },
    });
  return { path, content: readFileSync(path) };
}

/** A link to a finished draft either takes the name or finds it taken: nobody ever reads half a key, and the first one stays. */
function makeFile(folder: string, name: string, content: string | Buffer): void {
  const path = join(folder, name);
  const draft = join(folder, `.${name}.${process.pid}`);
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
}
