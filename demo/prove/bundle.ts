import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpackBundle } from "#demo/prove/bundle-tampering.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { correctAccounts, readAccounts } from "#demo/prove/proved-accounts.ts";
import { lookAtClusters } from "#demo/prove/proved-clusters.ts";
import { pullPeriod, type ProvedEstate } from "#demo/prove/proved-estate.ts";
import { proveTampering } from "#demo/prove/tampered-bundles.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { resolveHome } from "#lib/db/home.ts";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { addMonths, periodOf, rangeOf, day } from "#lib/domain/period.ts";

const promise = "bundle";
const FRAMEWORK = "cis-aws-1.4";

/**
 * The same report is the same bytes in another time zone and locale and after everything was loaded again; and nothing can be changed in a
 * bundle without `verify` saying so.
 */
export async function proveBundle(estate: ProvedEstate): Promise<Measure[]> {
  await lookAtClusters(estate);
  await readAccounts(estate);
  const same = await proveSameBytes(estate);
  return [...same, ...(await proveTampering(estate, makeAll))];
}

async function proveSameBytes(estate: ProvedEstate): Promise<Measure[]> {
  const asOf = new Date().toISOString();
  const month = addMonths(periodOf(day(asOf.slice(0, 10))), -1);
  const { from } = rangeOf(addMonths(month, -2));
  const { to } = rangeOf(month);
  const questions = [
    { kind: "allocation", from, to, asOf },
    { kind: "namespaces", asOf },
    { kind: "access", asOf },
    { kind: "changes", from: "2020-01-01", to: "2100-01-01", asOf, throughEntry: await newestEntry(estate) },
    { kind: "compliance", frameworkId: FRAMEWORK, asOf },
  ];
  const first = await makeAll(estate, questions, { TZ: "UTC", LANG: "C" });
  // Everything is loaded and looked at again, a source corrects what it said of the past, and somebody does something.
  await lookAtClusters(estate);
  await pullPeriod(estate.context, "aws-billing", month);
  const corrected = await correctAccounts(estate, FRAMEWORK, new Date(asOf));
  await recordActivity(estate.database.pool, {
    at: new Date(asOf),
    actor: COMMAND_LINE_ACTOR,
    action: "late.entry",
    subject: "prove",
  });
  const second = await makeAll(estate, questions, {
    TZ: "Pacific/Chatham",
    LANG: "tr_TR.UTF-8",
    LC_ALL: "tr_TR.UTF-8",
  });
  const [compliance = Buffer.alloc(0)] = first.slice(-1);
  const [now = Buffer.alloc(0)] = await makeAll(estate, [{ kind: "compliance", frameworkId: FRAMEWORK }], {});
  return [
    ...questions.map(({ kind }, index) => ({
      promise,
      measure: `${kind} made twice: differing files of the payload`,
      expected: "none",
      found: differing(first[index] ?? Buffer.alloc(0), second[index] ?? Buffer.alloc(0)),
    })),
    ...first.map((zip, index) => ({
      promise,
      measure: `${questions[index]?.kind} made twice: rows`,
      expected: "some",
      found: rowsIn(zip) > 0 ? "some" : "none",
    })),
    {
      promise,
      measure: "passes of AWS Config that it takes back between the two",
      expected: corrected.planted > 0 ? String(corrected.planted) : "some",
      found: String(corrected.takenBack),
    },
    {
      promise,
      measure: "compliance as of now, after what was corrected",
      expected: "other rows",
      found: differing(compliance, now).includes("data/evaluations.csv") ? "other rows" : "the same rows",
    },
  ];
}

function rowsIn(zip: Buffer): number {
  const manifest =
    unpackBundle(zip)
      .files.find(({ name }) => name === "manifest.json")
      ?.data.toString("utf8") ?? "";
  const { predicate } = JSON.parse(manifest) as { predicate: { tables: { rows: number }[] } };
  return predicate.tables.reduce((sum, { rows }) => sum + rows, 0);
}

function differing(a: Buffer, b: Buffer): string {
  const [first, second] = [unpackBundle(a), unpackBundle(b)];
  if (first.files.length === 0) return "nothing was made";
  const names = new Set([...first.files, ...second.files].map(({ name }) => name));
  const dataOf = (files: typeof first.files, name: string) =>
    files.find((file) => file.name === name)?.data.toString("latin1");
  return [...names].filter((name) => dataOf(first.files, name) !== dataOf(second.files, name)).join(", ") || "none";
}

async function makeAll(
  estate: ProvedEstate,
  questions: readonly object[],
  environment: Record<string, string>,
): Promise<Buffer[]> {
  const made: Buffer[] = [];
  const entry = join(import.meta.dirname, "make-report-entry.ts");
  for (const question of questions) {
    const { id } = await requestReport({ ...estate.context(), actor: COMMAND_LINE_ACTOR }, question);
    const env = { ...process.env, ...environment, DATABASE_URL: estate.database.url };
    await promisify(execFile)(process.execPath, [entry, id], { env });
    made.push(await readFile(bundlePath(resolveHome(), id)));
  }
  return made;
}

async function newestEntry({ database }: ProvedEstate): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>("SELECT max(id)::text AS id FROM activity");
  return rows[0]?.id ?? "0";
}
