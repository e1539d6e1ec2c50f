import { readOverlaps, type OverlapCost } from "#lib/db/overlaps.ts";
import { decimal, toAmount, ZERO, type Amount } from "#lib/domain/money.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type {
  ComparedAmounts,
  ComparedMonth,
  SourceComparisonView,
} from "#lib/services/sources/source-comparison-view.ts";

/**
 * A source beside those that have cost of the same accounts in the same months: what each says per service, over the accounts that both
 * have. Null where no other source has any of them. Cost is counted in one of them only, whichever `costPrecedence` puts first.
 */
export async function compareSources(
  context: ServiceContext,
  asked: { sourceKey: string },
): Promise<SourceComparisonView | null> {
  await authorise(context, "sources:read", asked.sourceKey);
  const { sources, costs } = await readOverlaps(context.database.pool, asked.sourceKey);
  const own = sources.find((source) => source.key === asked.sourceKey);
  if (!own || sources.length < 2) return null;
  return {
    sourceKey: own.key,
    title: own.title,
    role: own.role,
    others: sources.filter((source) => source !== own),
    months: [...Map.groupBy(costs, (cost) => `${cost.period} ${cost.otherKey} ${cost.currency}`).values()]
      .map(toMonth)
      .toSorted((a, b) => b.period.localeCompare(a.period) || a.otherKey.localeCompare(b.otherKey)),
  };
}

function toMonth(costs: OverlapCost[]): ComparedMonth {
  const [first] = costs;
  const services = costs.map(({ serviceName, ours, theirs }) => ({
    serviceName,
    ours,
    theirs,
    difference: differenceOf(ours, theirs),
  }));
  const total = (side: "ours" | "theirs"): ComparedAmounts => ({
    billed: addUp(services.map((service) => service[side].billed)),
    effective: addUp(services.map((service) => service[side].effective)),
  });
  const [ours, theirs] = [total("ours"), total("theirs")];
  return {
    period: first?.period ?? "",
    otherKey: first?.otherKey ?? "",
    currency: first?.currency ?? "",
    accounts: first?.accounts ?? 0,
    services: services.toSorted(
      (a, b) =>
        decimal(b.difference.billed).abs().comparedTo(decimal(a.difference.billed).abs()) ||
        decimal(b.ours.billed).comparedTo(a.ours.billed),
    ),
    totals: { ours, theirs, difference: differenceOf(ours, theirs) },
  };
}

function differenceOf(ours: ComparedAmounts, theirs: ComparedAmounts): ComparedAmounts {
  return {
    billed: toAmount(decimal(ours.billed).minus(theirs.billed)),
    effective: toAmount(decimal(ours.effective).minus(theirs.effective)),
  };
}

function addUp(amounts: readonly Amount[]): Amount {
  return toAmount(amounts.reduce((sum, amount) => sum.plus(amount), ZERO));
}
