import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureBrowser } from "#tooling/ensure-browser.ts";
import { runCommand } from "#tooling/run-command.ts";
import {
  countPlaywright,
  countVitest,
  formatCounts,
  NO_TESTS,
  sumCounts,
  withOutcome,
  type TestCounts,
} from "#tooling/test-counts.ts";
import { formatOutcomes, verify } from "#tooling/verify.ts";

type Part = { name: string; run: (root: string, reportFile: string) => Promise<TestCounts> };

const PARTS: readonly Part[] = [
  { name: "verify", run: runVerify },
  { name: "unit", run: (root, reportFile) => runVitest(root, reportFile, "unit") },
  { name: "tooling", run: (root, reportFile) => runVitest(root, reportFile, "tooling") },
  { name: "integration", run: (root, reportFile) => runVitest(root, reportFile, "integration") },
  { name: "e2e", run: runPlaywright },
];

/** Runs the named parts, or all of them, one after the other, and sums what they counted. A part that throws has failed once. */
async function runParts(root: string, names: readonly string[]): Promise<TestCounts> {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `There is no part "${unknown.join('", "')}". The parts are ${PARTS.map(({ name }) => name).join(", ")}.`,
    );
  }
  const reports = await mkdtemp(join(tmpdir(), "bursar-test-"));
  try {
    const all: TestCounts[] = [];
    for (const part of PARTS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      console.log(`\n━━ ${part.name}`);
      all.push(await runPart(part, root, join(reports, `${part.name}.json`)));
    }
    return sumCounts(all);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

async function runPart({ name, run }: Part, root: string, reportFile: string): Promise<TestCounts> {
  try {
    return await run(root, reportFile);
  } catch (error) {
    console.error(`${name} could not be run: ${error instanceof Error ? error.message : String(error)}`);
    return { ...NO_TESTS, failed: 1 };
  }
}

async function runVerify(root: string): Promise<TestCounts> {
  const outcomes = await verify(root);
  console.log(formatOutcomes(outcomes));
  const passed = outcomes.filter(({ ok }) => ok).length;
  return { passed, failed: outcomes.length - passed, skipped: 0 };
}

async function runVitest(root: string, reportFile: string, project: string): Promise<TestCounts> {
  const { exitCode } = await runCommand(
    root,
    ["vitest", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`],
    { echo: true },
  );
  return withOutcome(await readReport(reportFile, countVitest), exitCode);
}

async function runPlaywright(root: string, reportFile: string): Promise<TestCounts> {
  const browser = await ensureBrowser(root);
  const { exitCode } = await runCommand(root, ["playwright", "test", "--reporter=list,json"], {
    echo: true,
    env: { CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile },
  });
  return withOutcome(await readReport(reportFile, countPlaywright), exitCode);
}

/** A runner that crashed leaves no report, or half of one; its exit code then tells, see withOutcome. */
async function readReport(file: string, count: (report: unknown) => TestCounts): Promise<TestCounts> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text === "" ? NO_TESTS : count(JSON.parse(text));
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const counts = await runParts(resolve("."), positionals);
  console.log(`\n${formatCounts(counts)}`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
