import { accessSync, constants } from "node:fs";
import { runCommand } from "#tooling/run-command.ts";

/** Where Linux distributions put the browser that the end-to-end tests use. */
const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
];

const REMEDY = "Install the package chromium of your distribution, or set CHROMIUM_PATH to a Chromium or Chrome.";

/** Path of a Chromium on this machine, or null. CHROMIUM_PATH goes before the usual places. */
export function findBrowser(): string | null {
  const configured = process.env.CHROMIUM_PATH;
  const places = configured === undefined || configured === "" ? USUAL_PLACES : [configured];
  return places.find(isExecutable) ?? null;
}

/**
 * Path of a Chromium, installed from the Debian packages where there is none and this process may do so. Playwright's own
 * browser builds are downloads that closed networks refuse, so they are never used. Throws with what to install.
 */
export async function ensureBrowser(root: string): Promise<string> {
  const found = findBrowser();
  if (found !== null) return found;
  if ((process.env.CHROMIUM_PATH ?? "") !== "")
    throw new Error(`CHROMIUM_PATH names no program that can be run. ${REMEDY}`);
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get"))
    throw new Error(`There is no Chromium here. ${REMEDY}`);
  console.log("Installing the Debian package chromium for the end-to-end tests.");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runAptGet(root, ["update"], env);
  await runAptGet(root, ["install", "--yes", "--no-install-recommends", "chromium"], env);
  const installed = findBrowser();
  if (installed === null) throw new Error(`The package chromium brought no browser. ${REMEDY}`);
  return installed;
}

async function runAptGet(root: string, parameters: string[], env: Record<string, string>): Promise<void> {
  const { exitCode, output } = await runCommand(root, ["apt-get", "--quiet", ...parameters], { echo: false, env });
  if (exitCode !== 0) throw new Error(`apt-get ${parameters[0]} failed. ${REMEDY}\n${output.trim()}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
