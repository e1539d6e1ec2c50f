import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "..", "..", "..", "cli", "bursar.js");

export type Outcome = { code: number | null; stdout: string; stderr: string };

/** An empty working directory that the embedded server's user may pass through, and its removal. */
export function makeFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "bursar-cli-"));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function startBursar(
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd,
    env: { NODE_ENV: "test", PATH, HOME, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const outcome = new Promise<Outcome>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  return { child, outcome };
}

export function runBursar(args: string[], options: { cwd: string; env?: Record<string, string> }): Promise<Outcome> {
  return startBursar(args, options).outcome;
}
