import { exitCodeFor } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { loadConfig } from "#lib/config.ts";
import { toAppError } from "#lib/errors.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { configuredFrameworks } from "#lib/services/frameworks/find-framework.ts";
import { checkSigningKey } from "#lib/services/signing/open-signing-key.ts";
import { checkHeadPlaces } from "#lib/services/trail/heads/head-places.ts";
import { compareSources } from "#lib/services/sources/compare-sources.ts";
import { loadSource } from "#lib/services/sources/load-source.ts";
import type { SourceComparisonView } from "#lib/services/sources/source-comparison-view.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** Is the configuration valid, are its frameworks, does the database answer, can each source be read, and what is missing where it cannot. */
export async function check(options: { json: boolean }): Promise<number> {
  const config = loadConfig();
  // Throws with file and line where one of the installation's own is no framework.
  configuredFrameworks();
  const sources = await withInstance(async ({ database }) => {
    const context: ServiceContext = { actor: COMMAND_LINE_ACTOR, database, now: new Date() };
    const results: CheckedSource[] = [];
    const signing = await checkSigningKey(context).catch(failedCheck);
    if (signing) results.push({ key: "signing", checks: signing, comparison: null });
    const heads = await checkHeadPlaces(context).catch(failedCheck);
    if (heads) results.push({ key: "heads", checks: heads, comparison: null });
    for (const key of Object.keys(config.sources)) {
      const source = await loadSource(database, key);
      const checks = await source.check().catch(failedCheck);
      const comparison = source.dataset === "cost" ? await compareSources(context, { sourceKey: key }) : null;
      results.push({ key, checks, comparison });
    }
    return results;
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ configuration: config.file, sources })}\n`);
  else print(config.file, sources);
  return exitCodeFor(sources.map(({ checks }) => checks.every((one) => one.ok)));
}

/** `comparison`: the sources that have the same accounts in the same months, null where none does. */
type CheckedSource = { key: string; checks: CheckResult[]; comparison: SourceComparisonView | null };

function failedCheck(thrown: unknown): CheckResult[] {
  return [{ what: "Read the source", ok: false, error: toAppError(thrown).toJSON() }];
}

function print(file: string | null, sources: CheckedSource[]): void {
  process.stdout.write(
    file === null ? "There is no bursar.yaml here; the defaults are used.\n" : `The configuration ${file} is valid.\n`,
  );
  process.stdout.write("The database answers.\n");
  for (const { key, checks, comparison } of sources) {
    for (const { what, ok, error } of checks) {
      process.stdout.write(`${ok ? "ok      " : "FAILED  "}${key}: ${what}\n`);
      if (error !== null)
        process.stdout.write(`        ${error.message}${error.remedy === null ? "" : ` ${error.remedy}`}\n`);
    }
    if (comparison) process.stdout.write(overlapWords(comparison));
  }
  if (sources.length === 0) process.stdout.write("No source is configured yet.\n");
}

const ROLE_WORDS: Record<SourceComparisonView["role"], string> = {
  counts: "It is counted, and the other is compared with it.",
  check: "It is not counted, only compared.",
  part: "Some of its accounts are counted here, the others there.",
};

/** Which other sources have the same accounts, which of them counts, and where they differ. */
function overlapWords({ sourceKey, role, others, months }: SourceComparisonView): string {
  const differing = months.filter(
    ({ totals }) => totals.difference.billed !== "0" || totals.difference.effective !== "0",
  );
  const differences = differing.map(
    ({ period, otherKey, currency, totals }) =>
      `        ${period}: ${totals.difference.billed} ${currency} billed and ${totals.difference.effective} ${currency} effective more than ${otherKey}\n`,
  );
  return [
    `note    ${sourceKey}: has accounts and months that ${others.map(({ key }) => key).join(", ")} has as well. ${ROLE_WORDS[role]}`,
    ` costPrecedence decides; ${differing.length === 0 ? "they agree to the last decimal" : `they differ in ${differing.length} of ${months.length} months`}.\n`,
    ...differences,
  ].join("");
}
