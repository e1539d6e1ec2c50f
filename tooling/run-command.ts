import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

/** A tool that takes longer hangs. The runners of tests set limits of their own and are let through without one. */
const QUIET_LIMIT_MS = 300_000;

export type CommandResult = { exitCode: number; output: string };

/**
 * Runs a program of node_modules/.bin, or any other, in `root` and waits for its end. `echo` lets its output through
 * while it runs, with `prefix` before each line where several programs speak at once; without it the output is only
 * collected. A program that cannot be started, or that a signal ended, has the exit code that a shell would give it.
 */
export function runCommand(
  root: string,
  command: readonly [string, ...string[]],
  options: { echo: boolean; prefix?: string; env?: Record<string, string> },
): Promise<CommandResult> {
  const [program, ...parameters] = command;
  const path = `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const chunks: string[] = [];
  const child = spawn(program, parameters, {
    cwd: root,
    env: { ...process.env, ...options.env, PATH: path },
    timeout: options.echo ? undefined : QUIET_LIMIT_MS,
    stdio: options.echo && !options.prefix ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    const say = options.echo && options.prefix ? linesBehind(options.prefix) : null;
    stream?.setEncoding("utf8").on("data", (text: string) => (say === null ? chunks.push(text) : say(text)));
    stream?.on("end", () => say?.("\n"));
  }
  child.on("error", (error) => resolve({ exitCode: 127, output: `${program}: ${error.message}\n` }));
  child.on("close", (code, signal) => {
    const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    resolve({ exitCode, output: chunks.join("") });
  });
  return promise;
}

/** Prints whole lines only, so that those of several programs do not mix; empty ones are left out. */
function linesBehind(prefix: string): (text: string) => void {
  let unfinished = "";
  return (text) => {
    const lines = (unfinished + text).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") process.stdout.write(`${prefix}${line}\n`);
  };
}
