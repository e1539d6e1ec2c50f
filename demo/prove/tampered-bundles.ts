import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomFor } from "#demo/estate/random.ts";
import { everyTampering, packBundle, unpackBundle, type FlippedPositions } from "#demo/prove/bundle-tampering.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { openFileKey } from "#lib/reports/bundle/signing-key.ts";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { resolveHome } from "#lib/db/home.ts";
import { addMonths, day, periodOf, rangeOf } from "#lib/domain/period.ts";

const promise = "bundle";

type MakeReports = (
  estate: ProvedEstate,
  questions: readonly object[],
  environment: Record<string, string>,
) => Promise<Buffer[]>;

/** `tried` names kinds of tampering that this bundle has to have, beside all others that fit it. */
type Tampered = { name: string; asked: object; flipped?: FlippedPositions; tried: readonly string[] };

/** Of larger bundles; of the change log's every byte is flipped that is signed or holds the zip together. */
const SOME: FlippedPositions = { ofFile: 100, ofFrame: 400 };

/** Whatever is changed in bundles of the change log, of cost and of compliance, `verify` has to say so. */
export async function proveTampering(estate: ProvedEstate, make: MakeReports): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const tampered of await bundlesOf(estate)) {
    const [zip = Buffer.alloc(0)] = await make(estate, [tampered.asked], {});
    measures.push(...(await tamperWith(zip, tampered)));
  }
  return measures;
}

async function bundlesOf(estate: ProvedEstate): Promise<Tampered[]> {
  const month = addMonths(periodOf(day(new Date().toISOString().slice(0, 10))), -1);
  const plain = ["csv", "jsonl"];
  return [
    {
      name: "change log",
      asked: { kind: "changes", from: "2020-01-01", to: "2100-01-01", throughEntry: "60", formats: plain },
      tried: ["log in another order, signed anew"],
    },
    {
      name: "cost allocation",
      asked: { kind: "allocation", ...rangeOf(month), formats: plain },
      flipped: SOME,
      tried: ["changed total, signed anew"],
    },
    {
      name: "compliance",
      asked: { kind: "compliance", frameworkId: "cis-aws-1.4", accounts: [await smallAccount(estate)] },
      flipped: SOME,
      tried: [
        "report.pdf",
        "oscal/assessment-results.json",
        "ocsf/compliance-findings.jsonl",
        "evidence/evidence.jsonl",
      ].map((name) => `flipped bit in ${name}`),
    },
  ];
}

/** The account of which AWS Config says the least, and still a few things. */
async function smallAccount({ database }: ProvedEstate): Promise<string> {
  const { rows } = await database.pool.query<{ account: string }>(
    `SELECT c.account_id AS account FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
     WHERE c.grain = 'full' AND c.account_id <> '' AND e.evidence_hash IS NOT NULL AND e.valid_to IS NULL AND e.retired_at IS NULL
     GROUP BY 1 HAVING count(*) > 50 ORDER BY count(*), 1 LIMIT 1`,
  );
  if (rows[0] === undefined) throw new Error("No account has evaluations with evidence.");
  return rows[0].account;
}

async function tamperWith(zip: Buffer, { name, flipped, tried }: Tampered): Promise<Measure[]> {
  const key = openFileKey(resolveHome());
  const folder = await mkdtemp(join(tmpdir(), "bursar-tampered-"));
  const path = join(folder, "bundle.zip");
  const counts = new Map<string, { tried: number; seen: number }>();
  const isAccepted = async (bytes: Buffer): Promise<boolean> => {
    await writeFile(path, bytes);
    return verifyBundle(path, key.publicPem).ok;
  };
  try {
    const untouched = await isAccepted(packBundle(unpackBundle(zip).files));
    for await (const { kind, bytes } of everyTampering(zip, key, randomFor("bundle", name), flipped)) {
      const count = counts.get(kind) ?? { tried: 0, seen: 0 };
      count.tried += 1;
      if (!(await isAccepted(bytes))) count.seen += 1;
      counts.set(kind, count);
    }
    return [
      {
        promise,
        measure: `${name}: the bundle as it was made`,
        expected: "accepted",
        found: untouched ? "accepted" : "refused",
      },
      ...tried.map((kind) => ({
        promise,
        measure: `${name}: tried is ${kind}`,
        expected: "yes",
        found: counts.has(kind) ? "yes" : "no",
      })),
      ...[...counts].map(([kind, count]) => ({
        promise,
        measure: `${name}: ${kind}`,
        expected: `${count.tried} of ${count.tried} seen`,
        found: `${count.seen} of ${count.tried} seen`,
      })),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
