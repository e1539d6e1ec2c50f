import { formatAmount } from "#lib/domain/format.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import type { DayRange } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readComparedSpend } from "#lib/services/spend/read-spend.ts";
import type { SpendDimension, SpendQuery, SpendRow } from "#lib/services/spend/spend-view.ts";

/**
 * What moved a team or a service, in words: the part of it that changed most in the same direction, one level down at a time, "Amazon EC2,
 * account claims-prod, +4 120.00". Null where nothing stands out.
 */
export async function findDriver(
  context: ServiceContext,
  query: SpendQuery,
  compared: DayRange,
  moved: { dimension: "team" | "service"; key: string },
  currency: string,
): Promise<string | null> {
  const filters = { [moved.dimension]: [moved.key] };
  const other = moved.dimension === "team" ? "service" : "subAccount";
  const first = await largestMove(context, { ...query, groupBy: other, filters }, compared, currency);
  if (!first) return null;
  const next = moved.dimension === "team" ? "subAccount" : "region";
  const second = await largestMove(
    context,
    { ...query, groupBy: next, filters: { ...filters, [other]: [first.key] } },
    compared,
    currency,
  );
  const place = second
    ? [first.label, next === "subAccount" ? `account ${second.label}` : second.label]
    : [first.label];
  const difference = second ?? first;
  return `${place.join(", ")}, ${signed(difference)}`;
}

type Move = { key: string; label: string; difference: ReturnType<typeof decimal> };

async function largestMove(
  context: ServiceContext,
  query: SpendQuery & { groupBy: SpendDimension },
  compared: DayRange,
  currency: string,
): Promise<Move | null> {
  const view = await readComparedSpend(context, query, compared);
  const rows: SpendRow[] = view.sections.find((section) => section.currency === currency)?.rows ?? [];
  const moves = rows.map((row) => ({
    key: row.key,
    label: row.label,
    difference: decimal(row.amount).minus(row.previous ?? "0"),
  }));
  return (
    moves
      .filter((move) => !move.difference.isZero())
      .toSorted((a, b) => b.difference.abs().comparedTo(a.difference.abs()))[0] ?? null
  );
}

function signed({ difference }: Move): string {
  return `${difference.isPositive() ? "+" : ""}${formatAmount(toAmount(difference))}`;
}
