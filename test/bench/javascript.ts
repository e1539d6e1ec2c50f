import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build, ROOT } from "#cli/build.ts";
import { bound, type Measure, type MeasureOptions, type Measurement } from "#test/bench/measure.ts";
import { later } from "#test/bench/workshop.ts";

const LIMIT_KB = 200;
const OUTPUT = join(ROOT, ".next");

export const javascript: Measure = {
  name: "javascript",
  about: "the scripts that each page asks for before anything is clicked, gzip, in kB of 1,000 bytes",
  run: measureJavascript,
};

/**
 * Reads the production build's own manifests: the framework's scripts, and those of the page, of the layouts around it and of their error
 * boundaries. That is every script tag that a page's HTML can have, whatever data it shows; the polyfills are for browsers without modules.
 */
async function measureJavascript({ note }: MeasureOptions): Promise<Measurement[]> {
  const stopped = new AbortController();
  const stop = later(async () => stopped.abort());
  note(
    `javascript: ${(await build(stopped.signal)) ? "built the pages" : "the pages' build is up to date"}; sizes are the same at every scale`,
  );
  await stop();
  const { rootMainFiles } = await readJson<{ rootMainFiles: string[] }>("build-manifest.json");
  const routes = await readJson<Record<string, string>>("server/app-paths-manifest.json");
  const found: Measurement[] = [];
  for (const [entry, program] of Object.entries(routes).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!entry.endsWith("/page") || entry.startsWith("/_")) continue;
    const scripts = new Set([...rootMainFiles, ...(await scriptsOf(entry, program))]);
    const sizes = await Promise.all(
      [...scripts].map(async (script) => gzipSync(await readFile(join(OUTPUT, script))).length),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    found.push(bound(`javascript: ${routeOf(entry)}`, "kB", total / 1000, LIMIT_KB));
  }
  if (found.length === 0) throw new Error("The build has no pages.");
  return found;
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(join(OUTPUT, file), "utf8")) as T;
}

type ClientManifests = { __RSC_MANIFEST: Record<string, { entryJSFiles: Record<string, string[]> }> };

async function scriptsOf(entry: string, program: string): Promise<string[]> {
  const manifest = join(OUTPUT, "server", program.replace(/\.js$/, "_client-reference-manifest.js"));
  const context: ClientManifests = { __RSC_MANIFEST: {} };
  runInNewContext(await readFile(manifest, "utf8"), context);
  const files = context.__RSC_MANIFEST[entry]?.entryJSFiles;
  if (!files) throw new Error(`${manifest} says nothing of ${entry}.`);
  return Object.entries(files).flatMap(([segment, scripts]) => (segment.endsWith("/not-found") ? [] : scripts));
}

/** "/(dashboard)/spend/page" → "/spend". */
function routeOf(entry: string): string {
  return entry.replace(/\/page$/, "").replaceAll(/\/\([^)]*\)/g, "") || "/";
}
