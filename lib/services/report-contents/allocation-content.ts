import { addMonths, day, periodOf, rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import type { ContentAfter, ContentRow } from "#lib/reports/bundle/report-content.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { scopeWords, teamsOf } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendView } from "#lib/services/spend/spend-view.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

/** Months of one report. */
const MOST_MONTHS = 60;

/**
 * What each team, shared pool and nobody was given of the cost, month by month, billed and effective, as it was published at the instant. Per
 * month, currency and basis the rows add up to what the source itself totals.
 *
 * @throws AppError "limit_reached" beyond 60 months.
 */
export function allocationContent(context: ServiceContext, parameters: ReportParameters): PreparedContent {
  const months = monthsOf(parameters);
  const known: ContentAfter = { sources: [], gaps: [], controlTotals: [], people: [], summaries: [] };
  return prepareContent({
    title: "Cost allocation",
    method: [
      "Each cost is given to exactly one owner by the rules of its month, or split among several so that the parts are the whole; what nobody is given stays and is shown.",
      "Control totals are summed by the source, from its own files, before anything is allocated. Currencies are never added to each other.",
      "Figures are those that were published at the instant, with the owners and rules of then, however they were restated since.",
    ],
    scope: scopeWords(parameters),
    tableName: "allocation",
    columns: [
      ...["Month", "Basis", "Currency", "Team", "Name"].map((name) => ({ name, type: "text" as const })),
      ...["Direct", "Shared", "Amount"].map((name) => ({ name, type: "amount" as const })),
      { name: "Sum of", type: "text" },
    ],
    batches: rowsOf(context, parameters, months, known),
    toRow: (row) => row,
    totals: [{ column: "Amount", by: "Sum of" }],
    countBy: ["Month"],
    after: () => Promise.resolve(known),
    isLog: false,
  });
}

function monthsOf({ period }: ReportParameters): BillingPeriod[] {
  if (period === null)
    throw new AppError("invalid_input", "A cost allocation is of a period.", { remedy: "Give its months." });
  const end = period.to.slice(0, 10);
  const months: BillingPeriod[] = [];
  for (let month = periodOf(day(period.from.slice(0, 10))); rangeOf(month).from < end; month = addMonths(month, 1)) {
    if (months.length === MOST_MONTHS)
      throw new AppError("limit_reached", `A report of cost has at most ${MOST_MONTHS} months.`, {
        remedy: "Ask in parts.",
      });
    months.push(month);
  }
  return months;
}

async function* rowsOf(
  context: ServiceContext,
  parameters: ReportParameters,
  months: readonly BillingPeriod[],
  known: ContentAfter,
): AsyncGenerator<ContentRow[]> {
  const teams = teamsOf(parameters);
  for (const month of months)
    for (const basis of ["billed", "effective"] as const) {
      const view = await readSpend(context, {
        ...rangeOf(month),
        basis,
        groupBy: "team",
        granularity: "month",
        compare: "none",
        currency: null,
        filters: teams === null ? {} : { team: teams },
        kinds: [],
        asOf: new Date(parameters.asOf),
      });
      note(known, month, basis, view);
      yield view.sections
        .toSorted(byCurrency)
        .flatMap(({ currency, rows }) =>
          rows
            .toSorted((a, b) => (a.key < b.key ? -1 : 1))
            .map(({ key, label, direct, shared, amount }): ContentRow => [
              month,
              basis,
              currency,
              key,
              key === "" ? "Unallocated" : label,
              direct,
              shared,
              amount,
              `${month} ${basis} ${currency}`,
            ]),
        );
    }
}

function byCurrency(a: { currency: string }, b: { currency: string }): number {
  return a.currency < b.currency ? -1 : 1;
}

function note(known: ContentAfter, month: BillingPeriod, basis: string, { sections, age }: SpendView): void {
  for (const { currency, bar } of sections.toSorted(byCurrency))
    if (bar.controlTotal !== null && bar.difference !== null)
      known.controlTotals.push({
        name: `${month} ${basis} ${currency}`,
        total: bar.total,
        expected: bar.controlTotal,
        difference: bar.difference,
      });
  if (basis !== "billed") return;
  known.sources.push({ source: "cost", part: month, at: age.publishedAt, run: null });
  for (const { source, period } of age.missing)
    known.gaps.push({
      source,
      part: period,
      from: null,
      to: null,
      reason: "It was expected and has not been delivered.",
    });
  for (const { source, period, message } of age.stale)
    known.gaps.push({ source, part: period, from: null, to: null, reason: message });
}
