import { bucketsOf } from "#lib/charts/trend.ts";
import { readSpendFigures } from "#lib/db/spend/read-spend.ts";
import { readLabels } from "#lib/db/spend/read-labels.ts";
import { comparisonRange } from "#lib/domain/comparison-range.ts";
import { addDays, dayOf, daysIn, periodsOf, type DayRange } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { assembleSections } from "#lib/services/spend/assemble-sections.ts";
import { openScopes } from "#lib/services/spend/open-scope.ts";
import { readAge } from "#lib/services/spend/read-age.ts";
import type { SpendQuery, SpendView } from "#lib/services/spend/spend-view.ts";

/** What the question's range and filters cost, per currency: the bar that adds up, the trend and the table. Members see their own team only. */
export async function readSpend(context: ServiceContext, asked: SpendQuery): Promise<SpendView> {
  await authorise(context, "spend:read", "spend");
  return readComparedSpend(context, asked, comparisonFor(asked, context.now));
}

/** The same, compared with a range of the caller's choice. The caller authorises. */
export async function readComparedSpend(
  context: ServiceContext,
  asked: SpendQuery,
  compared: DayRange | null,
): Promise<SpendView> {
  for (let reading = 1; reading <= MAX_READINGS; reading += 1) {
    const view = await readOnce(context, asked, compared);
    if (view) return view;
  }
  throw new AppError("conflict", "The figures were published anew again and again while they were read.", {
    remedy: "Try again in a moment.",
  });
}

/** How often figures are read, where their slices are published anew meanwhile. */
const MAX_READINGS = 5;

/** Null where a slice was published while it was read. */
async function readOnce(
  context: ServiceContext,
  asked: SpendQuery,
  compared: DayRange | null,
): Promise<SpendView | null> {
  const [opened, comparison] = await openScopes(context, compared ? [asked, { ...asked, ...compared }] : [asked]);
  if (!opened) return null;
  const { question, query, notConverted } = opened;
  const { pool } = context.database;
  const [figures, labels, age] = await Promise.all([
    readSpendFigures(pool, { question, comparison: comparison?.question ?? null }, query.groupBy, query.granularity),
    readLabels(pool, query.groupBy, question.scope[0]?.slice.publicationStamp),
    readAge(context, { periods: periodsOf(query), scope: question.scope.map((row) => row.slice), asOf: query.asOf }),
  ]);
  if (!figures) return null;
  const { totals, cells, previous } = figures;
  return {
    asOf: query.asOf?.toISOString() ?? null,
    from: query.from,
    to: query.to,
    sections: assembleSections({
      query,
      question,
      buckets: bucketsOf(query, query.granularity),
      totals,
      cells,
      previous: previous && compared ? { range: compared, ...previous } : null,
      labels,
      estimatedFrom: age.estimatedFrom,
    }),
    age,
    notConverted,
  };
}

/** The range to compare with. A range that is still running is compared with as many days as it has had. */
function comparisonFor(query: SpendQuery, now: Date): DayRange | null {
  const range = comparisonRange(query, query.compare);
  const tomorrow = addDays(dayOf(query.asOf ?? now), 1);
  if (!range || query.to <= tomorrow || tomorrow <= query.from) return range;
  const cut = addDays(range.from, daysIn({ from: query.from, to: tomorrow }));
  return { from: range.from, to: cut < range.to ? cut : range.to };
}
