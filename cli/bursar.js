#!/usr/bin/env node
// Plain JavaScript for whatever Node starts it: it finds one that runs TypeScript, then hands over to main.ts.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";

const OLDEST = [22, 18];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  // What was compiled once is not compiled again by the next command, nor by the parts that this one starts. Kept with the
  // installation, since nobody else may write there; where we may not either, nothing is kept.
  module.enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "node-compile"));
  const { prepare } = await import("./prepare.ts");
  if (prepare()) await import("./main.ts");
} else {
  const newer = findNewerNode();
  if (newer) runWith(newer);
  else {
    process.stderr.write(
      `Bursar needs Node ${OLDEST.join(".")} or newer; this is ${process.versions.node}. Install a newer one, or run npm ci.\n`,
    );
    process.exitCode = 2;
  }
}

/** The Node of the development dependency "node", which is pinned in package.json. */
function findNewerNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    const program = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(program) ? program : null;
  } catch {
    return null;
  }
}

function runWith(program) {
  const child = spawn(program, process.argv.slice(1), { stdio: "inherit" });
  // A terminal sends Ctrl-C to both; whoever sends a signal to this process alone means the other one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) process.stderr.write(`Bursar was ended by ${signal}.\n`);
  });
}
