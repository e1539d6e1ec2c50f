import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#lib/errors.ts";

const LIMIT_MS = 60_000;
const POLL_MS = 100;

/** Resolves when the web server and its database answer. */
export async function waitForPages(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    if (await answers(`${url}/api/v1/health`)) return;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new AppError("internal", `The web server did not answer at ${url} within a minute.`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
