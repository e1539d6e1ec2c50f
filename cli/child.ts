import { spawn } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { errorCode } from "#lib/db/home.ts";

export type Child = {
  name: string;
  /** Resolves, never rejects, when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks the process to end, and ends it with everything it started where it does not. */
  stop(): Promise<void>;
};

const STOP_LIMIT_MS = 10_000;

export type ChildOptions = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Flags of Node itself. */
  execArgv?: string[];
  /** Given everything that it prints; without it stdout is dropped and stderr is ours. */
  onOutput?: (text: string) => void;
};

/**
 * Starts Node with `argv` as the head of a process group of its own: a terminal's Ctrl-C does not reach it, so that parts
 * are stopped in order, and it is ended together with whatever it started. It is told by a closed channel when we are gone.
 */
export function startChild(name: string, argv: string[], options: ChildOptions): Child {
  const listens = options.onOutput !== undefined;
  const child = spawn(process.execPath, [...(options.execArgv ?? []), ...argv], {
    cwd: options.cwd,
    env: { ...options.env, ...compileCache() },
    detached: true,
    stdio: ["ignore", listens ? "pipe" : "ignore", listens ? "pipe" : "inherit", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => options.onOutput?.(text));
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${name} could not be started (${errorCode(error)}).\n`);
      resolve({ code: 1, signal: null });
    });
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const stop = async (): Promise<void> => {
    signalTo(child.pid, "SIGTERM");
    const timer = setTimeout(() => signalToGroup(child.pid, "SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
    // Whatever it started and left behind.
    signalToGroup(child.pid, "SIGKILL");
  };
  return { name, ended, stop };
}

/** Where this process keeps what it has compiled, for those that it starts. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir();
  // Node answers a folder of its own version inside of the one that it was given.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

function signalToGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) signalTo(-pid, signal);
}

function signalTo(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if (errorCode(thrown) !== "ESRCH") throw thrown;
  }
}
