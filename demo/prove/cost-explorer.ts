import { readFile, writeFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { loadConfig } from "#lib/config.ts";
import { rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import { compareSources } from "#lib/services/sources/compare-sources.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { pullPeriod, type ProvedEstate } from "#demo/prove/proved-estate.ts";

const BILLING_API = "aws-cost-explorer";
const EXPORT = "aws-billing";

/**
 * The billing API and the export say the same of the same accounts and months, per service and in both bases, to the last decimal that
 * the API returns; only one of them counts; and one setting makes the other count, without a figure of AWS moving.
 */
export async function proveCostExplorer({ estate, context }: ProvedEstate): Promise<Measure[]> {
  const measures: Measure[] = [];
  const say = (measure: string, expected: string, found: string) =>
    measures.push({ promise: "cost-explorer", measure, expected, found });
  // A month that was final when it was delivered again is read again where somebody asks for it.
  await pullPeriod(context, BILLING_API, estate.calendar.restatedPeriod);

  const compared = await compareSources(context(), { sourceKey: BILLING_API });
  say("its role beside the export", "check", compared?.role ?? "not compared");
  say(
    "months",
    estate.calendar.periods.join(" "),
    (compared?.months ?? [])
      .map((month) => month.period)
      .toReversed()
      .join(" "),
  );
  for (const month of compared?.months ?? [])
    for (const { serviceName, ours, theirs } of month.services)
      for (const basis of ["billed", "effective"] as const)
        say(`${month.period} ${basis}: ${serviceName}`, theirs[basis], ours[basis]);

  const before = await spendOfAws(context, estate.calendar.periods);
  await prefer([BILLING_API]);
  await syncSources(context());
  const after = await spendOfAws(context, estate.calendar.periods);
  say(
    "its role once it is preferred",
    "counts",
    (await compareSources(context(), { sourceKey: BILLING_API }))?.role ?? "",
  );
  say("the export's role then", "check", (await compareSources(context(), { sourceKey: EXPORT }))?.role ?? "");
  say("services of AWS on /spend", String(before.size), String(after.size));
  for (const [row, amount] of before) say(`/spend after the switch: ${row}`, amount, after.get(row) ?? "none");
  await prefer([]);
  await syncSources(context());
  say(
    "its role after switching back",
    "check",
    (await compareSources(context(), { sourceKey: BILLING_API }))?.role ?? "",
  );
  return measures;
}

/** What /spend shows for AWS per month, service and basis. */
async function spendOfAws(
  context: ProvedEstate["context"],
  periods: readonly BillingPeriod[],
): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  for (const period of periods)
    for (const basis of ["billed", "effective"] as const) {
      const { sections } = await readSpend(context(), {
        ...rangeOf(period),
        basis,
        groupBy: "service",
        granularity: "month",
        compare: "none",
        currency: null,
        filters: { provider: ["AWS"] },
        kinds: [],
        asOf: null,
      });
      // The billing API leaves out what costs nothing.
      for (const { key, amount } of sections.flatMap(({ rows }) => rows))
        if (amount !== "0") shown.set(`${period} ${basis} ${key}`, amount);
    }
  return shown;
}

/** Changes the one setting that decides, in the configuration that the instance reads. */
async function prefer(keys: readonly string[]): Promise<void> {
  const { file } = loadConfig();
  if (file === null) throw new Error("The proved estate has no configuration.");
  const document = parseDocument(await readFile(file, "utf8"));
  document.set("costPrecedence", keys);
  await writeFile(file, document.toString());
}
