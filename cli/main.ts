import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT, reportFailure } from "#cli/exit-code.ts";
import type { ServeMode } from "#cli/serve.ts";

const DEFAULT_RUNS = 20;
const MAX_RUNS = 1_000;
/** Everything that is planted in the demo's estate needs four months; Cost Explorer answers for thirteen. */
const [MINIMUM_MONTHS, DEFAULT_MONTHS] = [4, 13];

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as {
  version: string;
};
const program = new Command("bursar")
  .description("Cloud cost per team that adds up to the invoice.")
  .version(version)
  .option("--json", "answer with one JSON document on stdout, for machines")
  .exitOverride()
  .addHelpText(
    "after",
    "\nExit codes: 0 everything went well, 1 failed, 2 wrong usage, configuration or surroundings, 3 some of several things failed.",
  );

const isJson = () => program.opts<{ json?: boolean }>().json === true;
const perform = (work: (options: { json: boolean }) => Promise<number>) => async () => {
  try {
    process.exitCode = await work({ json: isJson() });
  } catch (thrown) {
    reportFailure(thrown, { json: isJson() });
  }
};

// Each command loads what it needs: the sources and their SDKs take seconds, and most commands need none of them.
const serve = async (mode: ServeMode) => (await import("#cli/serve.ts")).serve(mode);

program
  .command("start")
  .description("Serve the pages and pull on schedule, until Ctrl-C.")
  .action(perform(() => serve({ isDemo: false })));
program
  .command("demo")
  .description("The same over the demo's estate.")
  .option("--months <count>", "months of bills, at least 4", parseMonths, DEFAULT_MONTHS)
  .option("--scale <part>", "part of its resources and money, above 0 and at most 1", parseScale, 1)
  .action((estate: { months: number; scale: number }) => perform(() => serve({ isDemo: true, estate }))());
program
  .command("dev")
  .description("Like start, for work on the pages: they follow their sources.")
  .action(perform(() => serve({ isDemo: false, isDevelopment: true })));
program
  .command("worker")
  .description("Only do the queued jobs, where several machines share the database of DATABASE_URL.")
  .action(async () => void (await import("#cli/worker-process.ts")));
program
  .command("build")
  .description("Build the pages, where they changed since.")
  .action(
    perform(async () => {
      await (await import("#cli/build.ts")).build();
      return EXIT.ok;
    }),
  );
program
  .command("check")
  .description("Is the configuration valid, and can each source be read?")
  .action(perform(async (common) => (await import("#cli/commands/check.ts")).check(common)));
program
  .command("migrate")
  .description("Bring the database to this version's schema.")
  .action(perform(async (common) => (await import("#cli/commands/migrate.ts")).migrate(common)));
program
  .command("pull <source>")
  .description("Pull what changed at a source.")
  .option("--period <month>", "this billing period only, changed or not, as in 2026-03", parsePeriod)
  .action((source: string, options: { period?: string }) =>
    perform(async (common) => (await import("#cli/commands/pull.ts")).pull(source, { ...options, ...common }))(),
  );
program
  .command("import <files...>")
  .description("Load FOCUS files: *.csv, *.csv.gz, *.parquet, folders or globs.")
  .action((files: string[]) =>
    perform(async (common) => (await import("#cli/commands/import-files.ts")).importFiles(files, common))(),
  );
program
  .command("runs")
  .description("The newest runs.")
  .option("--source <source>", "of this source only")
  .option("--limit <count>", "how many", parseLimit, DEFAULT_RUNS)
  .action((options: { source?: string; limit: number }) =>
    perform(async (common) => (await import("#cli/commands/runs.ts")).runs({ ...options, ...common }))(),
  );
program
  .command("verify <bundle>")
  .description("Is the bundle of a report what it was signed as? Needs no network and no database.")
  .option("--key <file>", "the public key that you were given, PEM or JSON; otherwise the bundle's own")
  .option("--tsa <file>", "certificates of the time stamp authority (PEM), where the bundle has a time stamp")
  .action((bundle: string, options: { key?: string; tsa?: string }) =>
    perform(async (common) => (await import("#cli/commands/verify.ts")).verify(bundle, { ...options, ...common }))(),
  );
program
  .command("verify-trail")
  .description(
    "Is the audit trail in the database what was published of it, and what was dropped from it under which rule?",
  )
  .option(
    "--heads <place>",
    "published heads that were kept elsewhere: a file, a folder with objects of the bucket, or s3 for the configured bucket itself; otherwise those in this installation's folder",
  )
  .option("--key <file>", "the public key that you were given, PEM or JSON; otherwise this installation's own")
  .option("--tsa <file>", "certificates of the time stamp authority (PEM), where heads have time stamps")
  .action((options: { heads?: string; key?: string; tsa?: string }) =>
    perform(async (common) => (await import("#cli/commands/verify-trail.ts")).verifyTrail({ ...options, ...common }))(),
  );
program
  .command("index-trail")
  .description(
    "Make anew what searches and pages have of the audit trail's log, where verify-trail names damage of it.",
  )
  .action(perform(async (common) => (await import("#cli/commands/index-trail.ts")).indexTrail(common)));
program
  .command("publish-head")
  .description("Publish the head of the audit trail's log now, and write what was published outside of the database.")
  .action(perform(async (common) => (await import("#cli/commands/publish-head.ts")).publishHead(common)));
// Also after the command's name, where people type it.
for (const command of program.commands)
  command
    .option("--json", "answer with one JSON document on stdout")
    .on("option:json", () => program.setOptionValue("json", true));

try {
  await program.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

function parsePeriod(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a month such as 2026-03.");
}

function parseMonths(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= MINIMUM_MONTHS && count <= DEFAULT_MONTHS) return count;
  throw new InvalidArgumentError(`It must be a whole number from ${MINIMUM_MONTHS} to ${DEFAULT_MONTHS}.`);
}

function parseScale(text: string): number {
  const scale = Number(text);
  if (scale > 0 && scale <= 1) return scale;
  throw new InvalidArgumentError("It must be a number above 0 and at most 1, such as 0.25.");
}

function parseLimit(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= MAX_RUNS) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_RUNS}.`);
}
