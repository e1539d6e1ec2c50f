import { type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { makeFolder, runBursar, startBursar, type Outcome } from "#test/integration/cli/run-bursar.ts";

/** Bursar as a process of its own, in a folder of its own. */
export type Instance = {
  url: string;
  /** The working directory; relative paths of a bursar.yaml in it count from here. */
  folder: string;
  /** What it has printed so far. */
  said(): string;
  /** Runs another command on the same instance, while it serves. */
  run(args: string[]): Promise<Outcome>;
  /** Ends the process with everything that it started, and removes the folder. */
  stop(): Promise<void>;
};

type Options = {
  /** The command and its options. */
  command: ["start"] | ["demo", ...string[]];
  readyText: string;
  readyLimitMs: number;
  /** Writes what has to be there before it starts. */
  prepare?: (folder: string) => void | Promise<void>;
};

const STOP_LIMIT_MS = 60_000;

/** Starts it on a free port and waits until it has printed `readyText`. Throws with its output where it ends before. */
export async function startInstance({ command, readyText, readyLimitMs, prepare }: Options): Promise<Instance> {
  const folder = makeFolder();
  await prepare?.(folder.path);
  const port = await freePort();
  const settings = {
    cwd: folder.path,
    env: { BURSAR_HOME: `${folder.path}/home`, PORT: String(port), LOG_LEVEL: "error" },
  };
  const { child, outcome } = startBursar(command, settings);
  const output: string[] = [];
  const stop = async () => {
    await stopProcess(child, outcome);
    folder.remove();
  };
  try {
    await untilSaid(child, output, readyText, readyLimitMs);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    folder: folder.path,
    said: () => output.join(""),
    run: (args) => runBursar(args, settings),
    stop,
  };
}

function untilSaid(child: ChildProcess, output: string[], text: string, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => () => reject(new Error(`Bursar ${why}. It said:\n${output.join("")}`));
    const timer = setTimeout(fail(`was not ready within ${limitMs / 1000} s`), limitMs);
    child.once("exit", fail("ended while it started"));
    child.stderr?.on("data", (part: string) => {
      output.push(part);
      if (!output.join("").includes(text)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function stopProcess(child: ChildProcess, outcome: Promise<Outcome>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await outcome;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
