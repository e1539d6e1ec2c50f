import { readCostScope, type ScopedSlice } from "#lib/db/spend/cost-scope.ts";
import { readConversionRates } from "#lib/db/spend/conversion-rates.ts";
import type { ScopeRow, SpendQuestion } from "#lib/db/spend/spend-sql.ts";
import { periodsOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { SpendDimension, SpendQuery, SpendView } from "#lib/services/spend/spend-view.ts";

export type OpenedScope = { question: SpendQuestion; query: SpendQuery; notConverted: SpendView["notConverted"] };

/** Turns a query into the question that the roll-ups answer: which slices in which version, in which currency, narrowed to what the actor may see. */
export async function openScope(context: ServiceContext, asked: SpendQuery): Promise<OpenedScope> {
  const [opened] = await openScopes(context, [asked]);
  if (!opened) throw new AppError("internal", "A query was opened and is not there.");
  return opened;
}

/** `openScope` for queries that are compared: their slices are looked up together. They share an instant and a currency. */
export async function openScopes(context: ServiceContext, asked: readonly SpendQuery[]): Promise<OpenedScope[]> {
  for (const { from, to } of asked)
    if (from >= to)
      throw new AppError("invalid_input", `The range from ${from} to ${to} is empty.`, {
        remedy: "Let the end be after the start.",
      });
  const { asOf, currency } = asked[0] ?? { asOf: null, currency: null };
  const periods = [...new Set(asked.flatMap((query) => periodsOf(query)))];
  const { pool } = context.database;
  const [slices, rates] = await Promise.all([
    isOutsideOfTeams(context) ? [] : readCostScope(pool, periods, asOf),
    currency ? readConversionRates(pool, periods, currency, asOf) : null,
  ]);
  return asked.map((query) => {
    const ownPeriods = periodsOf(query);
    const own = slices.filter(({ period }) => ownPeriods.includes(period));
    return toOpened(narrowToActor(context, query), own, rates);
  });
}

function toOpened(
  query: SpendQuery,
  slices: readonly ScopedSlice[],
  rates: Awaited<ReturnType<typeof readConversionRates>> | null,
): OpenedScope {
  const notConverted: SpendView["notConverted"] = [];
  const scope: ScopeRow[] = [];
  const shownIn = query.currency;
  for (const slice of slices)
    for (const currency of Object.keys(slice.totals)) {
      if (!shownIn || !rates || currency === shownIn) {
        scope.push({ slice, currency, shownIn: currency, factor: null });
        continue;
      }
      const rate = rates.get(`${slice.period} ${currency}`);
      if (rate) scope.push({ slice, currency, shownIn, factor: rate.factor });
      else {
        scope.push({ slice, currency, shownIn: currency, factor: null });
        if (!notConverted.some((entry) => entry.currency === currency))
          notConverted.push({
            currency,
            reason: `No rate from ${currency} to ${shownIn} was published up to ${slice.period}; it is shown by itself.`,
          });
      }
    }
  const filters = Object.entries(query.filters).map(([dimension, values]) => ({
    dimension: dimension as SpendDimension,
    values: values ?? [],
  }));
  return { query, notConverted, question: { scope, range: query, basis: query.basis, filters, kinds: query.kinds } };
}

/** A member sees the own team and nothing else, whatever the URL asks for. */
function narrowToActor(context: ServiceContext, query: SpendQuery): SpendQuery {
  const { role, teamKey } = context.actor;
  if (role !== "member") return query;
  // The kinds stay as asked: what has no owner has not this team either, and leaving one out could leave none, which means all.
  return { ...query, filters: { ...query.filters, team: [teamKey ?? ""] } };
}

/** A member whose team nobody knows owns nothing; asking for "no team" would show what nobody owns. */
function isOutsideOfTeams({ actor }: ServiceContext): boolean {
  return actor.role === "member" && !actor.teamKey;
}
