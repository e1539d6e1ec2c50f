import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkBoundaries } from "#tooling/check-boundaries.ts";
import { checkDocuments } from "#tooling/check-documents.ts";
import { checkLockfile } from "#tooling/check-lockfile.ts";
import { checkText } from "#tooling/check-text.ts";
import { checkVerbs } from "#tooling/check-verbs.ts";
import { prepareChecks } from "#tooling/prepare-checks.ts";
import { runCommand } from "#tooling/run-command.ts";
import { formatViolation, type Check } from "#tooling/violation.ts";

type StepResult = { ok: boolean; output: string };
type Step = { name: string; run: (root: string) => Promise<StepResult> };

export type StepOutcome = StepResult & { name: string; durationMs: number };

const STEPS: readonly Step[] = [
  { name: "format", run: (root) => runTool(root, ["oxfmt", "--check"]) },
  { name: "lint", run: (root) => runTool(root, ["oxlint"]) },
  { name: "types", run: (root) => runTool(root, ["tsc", "--noEmit", "-p", "."]) },
  { name: "dead code", run: (root) => runTool(root, ["knip", "--no-progress"]) },
  { name: "boundaries", run: (root) => runCheck(root, checkBoundaries) },
  { name: "verbs", run: (root) => runCheck(root, checkVerbs) },
  { name: "text", run: (root) => runCheck(root, checkText) },
  { name: "documents", run: (root) => runCheck(root, checkDocuments) },
  { name: "lock file", run: (root) => runCheck(root, checkLockfile) },
];

/** Runs every check over the repository at `root`, side by side. None of them needs a database or the network. */
export async function verify(root: string): Promise<StepOutcome[]> {
  const preparation = await timed("prepare", async () => {
    const { exitCode, output } = await prepareChecks(root);
    return { ok: exitCode === 0, output };
  });
  if (!preparation.ok) return [preparation];
  return [preparation, ...(await Promise.all(STEPS.map(({ name, run }) => timed(name, () => run(root)))))];
}

/** One line a step, and what each failing step said. */
export function formatOutcomes(outcomes: readonly StepOutcome[]): string {
  const failures = outcomes.filter(({ ok }) => !ok).map(({ name, output }) => `── ${name}\n${output.trim()}\n`);
  const lines = outcomes.map(({ name, ok, durationMs }) => {
    const seconds = (durationMs / 1000).toFixed(1).padStart(5);
    return `${ok ? "ok  " : "FAIL"}  ${name.padEnd(12)} ${seconds} s`;
  });
  return [...failures, ...lines].join("\n");
}

async function timed(name: string, run: () => Promise<StepResult>): Promise<StepOutcome> {
  const start = performance.now();
  const result = await run();
  return { name, ...result, durationMs: performance.now() - start };
}

async function runTool(root: string, command: readonly [string, ...string[]]): Promise<StepResult> {
  const { exitCode, output } = await runCommand(root, command, { echo: false });
  return { ok: exitCode === 0, output };
}

async function runCheck(root: string, check: Check): Promise<StepResult> {
  const violations = await check(root);
  return { ok: violations.length === 0, output: violations.map(formatViolation).join("\n") };
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const outcomes = await verify(resolve(positionals[0] ?? "."));
  console.log(formatOutcomes(outcomes));
  process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
}
