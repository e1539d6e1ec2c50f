import { readCostScope } from "#lib/db/spend/cost-scope.ts";
import { COST_BASES, decimal, sum, toAmount, type Amounts } from "#lib/domain/money.ts";
import { rangeOf } from "#lib/domain/period.ts";
import { readDifference } from "#lib/services/slices/read-difference.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { sliceTruth } from "#demo/estate/truth.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";

/**
 * The month that was delivered again: the difference that is kept is the planted one, row by row, and as of the instant before it every
 * figure reads as it did.
 */
export async function proveRestatement({
  database,
  truth,
  beforeRestatement,
  context,
}: ProvedEstate): Promise<Measure[]> {
  const { source, period, currency, totals, rows } = truth.restatement;
  const measures: Measure[] = [];
  const say = (measure: string, expected: string, found: string) =>
    measures.push({ promise: "restatement", measure: `${source} ${period} ${measure}`, expected, found });
  const now = (await readCostScope(database.pool, [period], null)).find((slice) => slice.sourceKey === source);
  const publications = now ? await listPublications(context(), { sliceId: now.sliceId }) : [];
  say("versions", "redelivery, load", publications.map((publication) => publication.reason).join(", "));
  const kept = publications[0]?.difference?.amounts[currency];
  for (const basis of COST_BASES)
    say(`${basis}: difference of the whole`, plain(totals[basis]), kept?.[basis] ?? "none");

  const shown = await readDifference(context(), { publicationId: publications[0]?.id ?? 0 });
  for (const [key, planted] of Map.groupBy(rows, (row) => `${row.accountId} ${row.serviceName}`)) {
    const found = shown.filter((row) => `${row.subAccountId} ${row.serviceName}` === key);
    for (const basis of COST_BASES)
      say(
        `${basis}: ${key}`,
        toAmount(sum(planted.map((row) => row.amounts[basis]))),
        toAmount(sum(found.map((row) => change(row, basis)))),
      );
    const plantedTeams = planted.filter((row) => row.team !== "" || row.pool === "");
    for (const row of plantedTeams)
      if (row.pool === "" && planted.every((one) => one.pool === ""))
        say(
          `billed: ${key} of ${row.team || "nobody"}`,
          plain(row.amounts.billed),
          toAmount(
            sum(
              found
                .filter((one) => isTeam(one.team, row.team, teamNames(truth, row.team)))
                .map((one) => change(one, "billed")),
            ),
          ),
        );
  }
  const touched = new Set(rows.map((row) => `${row.accountId} ${row.serviceName}`));
  const strangers = shown.filter(
    (row) =>
      !touched.has(`${row.subAccountId} ${row.serviceName}`) && COST_BASES.some((basis) => change(row, basis) !== "0"),
  );
  say("changes of the whole that were not planted", "0", toAmount(sum(strangers.map((row) => change(row, "billed")))));

  for (const version of [1, 2] as const) {
    const planted = sliceTruth(truth, source, period, version);
    const asOf = version === 1 ? beforeRestatement : null;
    for (const basis of COST_BASES) {
      const view = await readSpend(context(), {
        ...rangeOf(period),
        basis,
        groupBy: "provider",
        granularity: "month",
        compare: "none",
        currency: null,
        filters: { provider: ["AWS"] },
        kinds: [],
        asOf,
      });
      const section = view.sections.find((one) => one.currency === currency);
      const when = version === 1 ? "as of the instant before" : "now";
      say(`${basis}: whole ${when}`, plain(planted.totals[basis]), section?.bar.total ?? "none");
      say(`${basis}: unallocated ${when}`, plain(planted.unallocated[basis]), section?.bar.unallocated ?? "none");
      say(
        `${basis}: owners ${when}`,
        toAmount(sum(Object.values(planted.direct).map((team) => team[basis]))),
        section?.bar.direct ?? "none",
      );
    }
  }
  return measures;
}

function change(row: { before: Amounts; after: Amounts }, basis: keyof Amounts): string {
  return toAmount(decimal(row.after[basis]).minus(row.before[basis]));
}

function plain(amount: string): string {
  return toAmount(decimal(amount));
}

function teamNames(truth: ProvedEstate["truth"], team: string): string {
  return team === "" ? "No owner" : team;
}

function isTeam(shown: string, key: string, name: string): boolean {
  return key === "" ? shown === "No owner" : shown === name || shown.toLowerCase().replaceAll(/[^a-z]+/g, "-") === key;
}
