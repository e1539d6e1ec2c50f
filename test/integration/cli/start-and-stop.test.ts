import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder, startBursar } from "#test/integration/cli/run-bursar.ts";

// The pages are built where they changed since.
const START_LIMIT_MS = 400_000;
const STOP_LIMIT_MS = 30_000;

/** One for all: making a database is for other tests, and each start but the first proves that the end before it was a clean one. */
let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

async function start() {
  const port = await freePort();
  const bursar = startBursar(["start"], { cwd: folder.path, env: { PORT: String(port), LOG_LEVEL: "error" } });
  let said = "";
  bursar.child.stderr?.on("data", (text: string) => (said += text));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!said.includes("Ctrl-C stops") && bursar.child.exitCode === null && Date.now() < deadline) await sleep(100);
  expect(said).toContain("Bursar is ready at");
  return { ...bursar, said, url: `http://127.0.0.1:${port}` };
}

/** Processes that were started with this test's folder, the server of PostgreSQL included. */
function processesLeft(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder.path) ||
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder.path)
        );
      } catch {
        return false;
      }
    });
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends every process with exit code 0",
  { timeout: START_LIMIT_MS + STOP_LIMIT_MS },
  async (signal) => {
    const { child, outcome, said, url } = await start();
    const link = /http\S+sign-in\?token=\S+/.exec(said)?.[0];
    expect(link).toContain(url);
    expect((await fetch(`${url}/api/v1/health`)).status).toBe(200);
    child.kill(signal);
    expect((await outcome).code).toBe(0);
    expect(processesLeft()).toEqual([]);
    expect(existsSync(join(folder.path, ".bursar", "postgres", "postmaster.pid"))).toBe(false);
  },
);

test(
  "a part that dies brings all down, with its name and exit code 1",
  { timeout: START_LIMIT_MS + STOP_LIMIT_MS },
  async () => {
    const { outcome } = await start();
    const worker = processesLeft().find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("worker-process"),
    );
    process.kill(Number(worker), "SIGKILL");
    const { code, stderr } = await outcome;
    expect(stderr).toContain("the worker ended by itself by SIGKILL");
    expect(code).toBe(1);
    expect(processesLeft()).toEqual([]);
  },
);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
