import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { startChild } from "#cli/child.ts";
import { takeTurn } from "#cli/take-turn.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

export const ROOT = join(import.meta.dirname, "..");
export const NEXT_PROGRAM = createRequire(import.meta.url).resolve("next/dist/bin/next");

const OUTPUT = join(ROOT, ".next");
/** Outside of the output, which a build empties. */
const LOCK = join(ROOT, "node_modules", ".cache", "bursar-build.pid");
const STAMP = join(OUTPUT, "bursar-build.json");
/** What the pages are built from. */
const SOURCES = [
  "app",
  "lib",
  "public",
  "prisma/schema.prisma",
  "proxy.ts",
  "next.config.js",
  "postcss.config.mjs",
  "package-lock.json",
  "tsconfig.json",
];
const SHOWN_LINES = 30;

/** Builds the pages for production where they are missing or their sources changed. Answers whether it had to. Two at once take turns. */
export async function build(signal?: AbortSignal): Promise<boolean> {
  const fingerprint = fingerprintOfSources();
  if (isBuilt(fingerprint)) return false;
  try {
    accessSync(ROOT, constants.W_OK);
  } catch (thrown) {
    throw new AppError(
      "invalid_config",
      `The pages have to be built, and ${ROOT} cannot be written to (${errorCode(thrown)}).`,
      {
        remedy: "Run npm run build there once as somebody who may, or install to a folder of your own.",
        cause: thrown,
      },
    );
  }
  const release = await takeTurn(LOCK, signal);
  try {
    if (isBuilt(fingerprint)) return false;
    await runNextBuild(signal);
    if (!signal?.aborted) writeFileSync(STAMP, fingerprint);
    return true;
  } finally {
    release();
  }
}

function isBuilt(fingerprint: string): boolean {
  return existsSync(STAMP) && existsSync(join(OUTPUT, "BUILD_ID")) && readFileSync(STAMP, "utf8") === fingerprint;
}

async function runNextBuild(signal?: AbortSignal): Promise<void> {
  const output: string[] = [];
  const child = startChild("the build of the pages", [NEXT_PROGRAM, "build", ROOT], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    onOutput: (text) => output.push(text),
  });
  const stop = () => void child.stop();
  signal?.addEventListener("abort", stop, { once: true });
  const { code } = await child.ended;
  signal?.removeEventListener("abort", stop);
  if (code === 0 || signal?.aborted) return;
  const shown = output.join("").trim().split("\n").slice(-SHOWN_LINES).join("\n");
  throw new AppError("internal", `The pages could not be built.\n${shown}`);
}

function fingerprintOfSources(): string {
  const hash = createHash("sha256").update(process.versions.node);
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    if (!existsSync(path)) continue;
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .toSorted()
      : [path];
    for (const file of files) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  }
  return JSON.stringify({ sources: hash.digest("hex") });
}
