import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { randomFor } from "#demo/estate/random.ts";
import { everyTampering, packBundle, unpackBundle, type Tampering } from "#demo/prove/bundle-tampering.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { lookAtClusters } from "#demo/prove/proved-clusters.ts";
import { pullPeriod, type ProvedEstate } from "#demo/prove/proved-estate.ts";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { resolveHome } from "#lib/db/home.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import { addMonths, periodOf, rangeOf, day } from "#lib/domain/period.ts";

const promise = "bundle";
/**
 * The same report is the same bytes in another time zone and locale and after everything was loaded again; and nothing can be changed in a
 * bundle without `verify` saying so.
 */
export async function proveBundle(estate: ProvedEstate): Promise<Measure[]> {
  await lookAtClusters(estate);
  const same = await proveSameBytes(estate);
  return [...same, ...(await proveTampering(estate))];
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
    { kind: "compliance", frameworkId: "cis-aws-1.4", asOf },
  ];
  const first = await makeAll(estate, questions, { TZ: "UTC", LANG: "C" });
  // Everything is loaded and looked at again, and somebody does something.
  await lookAtClusters(estate);
  await pullPeriod(estate.context, "aws-billing", month);
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
  return questions.map(({ kind }, index) => ({
    promise,
    measure: `${kind} made twice: differing files of the payload`,
    expected: "none",
    found: differing(first[index] ?? Buffer.alloc(0), second[index] ?? Buffer.alloc(0)),
  }));
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

async function proveTampering(estate: ProvedEstate): Promise<Measure[]> {
  const key = openFileKey(resolveHome());
  const throughEntry = "60";
  const asked = { kind: "changes", from: "2020-01-01", to: "2100-01-01", throughEntry };
  const [zip = Buffer.alloc(0)] = await makeAll(estate, [{ ...asked, formats: ["csv", "jsonl"] }], {});
  const { files } = unpackBundle(zip);
  const folder = await mkdtemp(join(tmpdir(), "bursar-tampered-"));
  const path = join(folder, "bundle.zip");
  const missed = new Map<string, { tried: number; missed: number }>();
  const attempt = async ({ kind, bytes }: Tampering): Promise<boolean> => {
    await writeFile(path, bytes);
    const found = !verifyBundle(path, key.publicPem).ok;
    const counts = missed.get(kind) ?? { tried: 0, missed: 0 };
    missed.set(kind, { tried: counts.tried + 1, missed: counts.missed + (found ? 0 : 1) });
    return found;
  };
  try {
    const untouched = await attempt({ kind: "untouched", bytes: packBundle(files) });
    missed.delete("untouched");
    for await (const tampering of everyTampering(zip, key, randomFor("bundle"))) await attempt(tampering);
    return [
      {
        promise,
        measure: "the bundle as it was made",
        expected: "accepted",
        found: untouched ? "refused" : "accepted",
      },
      ...[...missed].map(([kind, { tried, missed: unseen }]) => ({
        promise,
        measure: kind,
        expected: `${tried} of ${tried} seen`,
        found: `${tried - unseen} of ${tried} seen`,
      })),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function newestEntry({ database }: ProvedEstate): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>("SELECT max(id)::text AS id FROM activity");
  return rows[0]?.id ?? "0";
}
