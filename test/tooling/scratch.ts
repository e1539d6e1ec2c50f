import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const REPOSITORY = resolve(import.meta.dirname, "../..");

/** A folder with the given files and the settings of our tools, where a violation can be planted. It is removed after `work`. */
export async function inScratch<Result>(
  files: Record<string, string>,
  work: (root: string) => Promise<Result>,
): Promise<Result> {
  const root = await mkdtemp(join(tmpdir(), "bursar-scratch-"));
  try {
    // Without .gitignore the linter would read all of node_modules.
    for (const shared of [".gitignore", "node_modules", "package.json", "tsconfig.json", ".oxlintrc.json"]) {
      if (!(shared in files)) await symlink(join(REPOSITORY, shared), join(root, shared));
    }
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return await work(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
