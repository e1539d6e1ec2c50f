import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const SCHEMA = join(ROOT, "prisma", "schema.prisma");
const GENERATED = join(ROOT, "prisma", "generated");
const STAMP = join(GENERATED, "schema.sha256");

/**
 * Generates the Prisma client where it is missing or was made from another schema.prisma; takes under a second and needs
 * no network. It runs before anything that imports the client. Answers false, with the reason on stderr, where it failed.
 */
export function prepare(): boolean {
  const hash = createHash("sha256").update(readFileSync(SCHEMA)).digest("hex");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) return true;
  try {
    generate();
    writeFileSync(STAMP, hash);
    return true;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    // Where the folder is read-only but the client is there, it is the one that was installed.
    if (existsSync(join(GENERATED, "client.ts")) && /EACCES|EROFS|EPERM/.test(reason)) return true;
    process.stderr.write(
      `Bursar's database client could not be generated: ${reason}\nRun npm ci in a folder that you may write to, then start again.\n`,
    );
    process.exitCode = 2;
    return false;
  }
}

function generate(): void {
  const prisma = createRequire(import.meta.url).resolve("prisma/package.json");
  const done = spawnSync(process.execPath, [join(dirname(prisma), "build", "index.js"), "generate"], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      // Any existing file: generating needs no engine, and without this one would be downloaded.
      PRISMA_SCHEMA_ENGINE_BINARY: join(ROOT, "package.json"),
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    },
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error((done.stderr || done.stdout).trim().split("\n").slice(-5).join(" "));
}

if (process.argv[1] === import.meta.filename) prepare();
