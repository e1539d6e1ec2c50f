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

type Place = {
  root: string;
  reportFile: string;
  /** What stands before each line of the part's output; empty where it is the only one that speaks. */
  prefix: string;
};
type Part = { name: string; run: (place: Place) => Promise<TestCounts> };

/** Before everything else, and alone: the types it checks are partly written by the build of the pages. */
const FIRST: Part = { name: "verify", run: runVerify };

/**
 * Parts of one lane run one after the other, the lanes side by side: for minutes the end-to-end tests wait for the demo to load, and
 * the others for databases and clocks.
 */
const LANES: readonly (readonly Part[])[] = [
  [
    { name: "unit", run: (place) => runVitest(place, "unit") },
    { name: "tooling", run: (place) => runVitest(place, "tooling") },
    { name: "integration", run: (place) => runVitest(place, "integration") },
  ],
  [{ name: "e2e", run: runPlaywright }],
];

/** Runs the named parts, or all of them, and sums what they counted. A part that throws has failed once. */
async function runParts(root: string, names: readonly string[]): Promise<TestCounts> {
  const known = [FIRST, ...LANES.flat()].map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no part "${unknown.join('", "')}". The parts are ${known.join(", ")}.`);
  const isWanted = ({ name }: Part) => names.length === 0 || names.includes(name);
  const lanes = LANES.map((lane) => lane.filter(isWanted)).filter((lane) => lane.length > 0);
  const reports = await mkdtemp(join(tmpdir(), "bursar-test-"));
  try {
    const run = async (lane: readonly Part[], isAlone: boolean) => {
      const all: TestCounts[] = [];
      for (const part of lane) {
        const prefix = isAlone ? "" : `${part.name} │ `;
        all.push(await runPart(part, { root, prefix, reportFile: join(reports, `${part.name}.json`) }));
      }
      return sumCounts(all);
    };
    const first = await run([FIRST].filter(isWanted), true);
    const others = await Promise.all(lanes.map((lane) => run(lane, lanes.length === 1)));
    return sumCounts([first, ...others]);
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

async function runPart({ name, run }: Part, place: Place): Promise<TestCounts> {
  console.log(`\n━━ ${name}`);
  const started = Date.now();
  try {
    return await run(place);
  } catch (error) {
    console.error(`${name} could not be run: ${error instanceof Error ? error.message : String(error)}`);
    return { ...NO_TESTS, failed: 1 };
  } finally {
    console.log(`━━ ${name} took ${Math.round((Date.now() - started) / 1000)} s`);
  }
}

async function runVerify({ root }: Place): Promise<TestCounts> {
  const outcomes = await verify(root);
  console.log(formatOutcomes(outcomes));
  const passed = outcomes.filter(({ ok }) => ok).length;
  return { passed, failed: outcomes.length - passed, skipped: 0 };
}

async function runVitest({ root, reportFile, prefix }: Place, project: string): Promise<TestCounts> {
  const { exitCode } = await runCommand(
    root,
    ["vitest", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`],
    { echo: true, prefix },
  );
  return withOutcome(await readReport(reportFile, countVitest), exitCode);
}

async function runPlaywright({ root, reportFile, prefix }: Place): Promise<TestCounts> {
  // The pages before any test: what waits for them has limits, and beside other tests a build takes minutes.
  const [browser, built] = await Promise.all([
    ensureBrowser(root),
    runCommand(root, [process.execPath, "cli/bursar.js", "build"], { echo: true, prefix }),
  ]);
  if (built.exitCode !== 0) throw new Error("The pages could not be built.");
  const { exitCode } = await runCommand(root, ["playwright", "test", "--reporter=list,json"], {
    echo: true,
    prefix,
    env: { CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile, BURSAR_E2E_AHEAD: "yes" },
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
