import { readSpendByKind, readUnallocatedRows } from "#lib/db/spend/read-spend.ts";
import { readLabels } from "#lib/db/spend/read-labels.ts";
import { coveragePercent } from "#lib/domain/change.ts";
import { sum, toAmount, type CostBasis } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openScope } from "#lib/services/spend/open-scope.ts";
import type { UnallocatedView } from "#lib/services/spend/spend-view.ts";

/** Rows of each kind that the page shows: what is worth a rule is among the largest. */
const SHOWN_ROWS = 50;

/** What nobody owns, by what a rule could be made of, per currency. */
export async function readUnallocated(
  context: ServiceContext,
  asked: { from: Day; to: Day; basis: CostBasis; asOf: Date | null },
): Promise<UnallocatedView[]> {
  await authorise(context, "spend:read", "unallocated spend");
  if (context.actor.role === "member")
    throw new AppError("forbidden", "Cost without an owner belongs to no team, so a team member cannot see it.", {
      remedy: "Ask finance or the platform team.",
    });
  const { question } = await openScope(context, {
    ...asked,
    groupBy: "subAccount",
    granularity: "month",
    compare: "none",
    currency: null,
    filters: {},
    kinds: [],
  });
  const { pool } = context.database;
  const [kinds, rows, names] = await Promise.all([
    readSpendByKind(pool, question),
    readUnallocatedRows(pool, question, SHOWN_ROWS),
    readLabels(pool, "subAccount"),
  ]);
  return [...Map.groupBy(kinds, (row) => row.currency)].map(([currency, parts]) => {
    const of = (kind: string) => toAmount(sum(parts.filter((part) => part.kind === kind).map((part) => part.amount)));
    const total = toAmount(sum(parts.map((part) => part.amount)));
    const mine = rows.filter((row) => row.currency === currency);
    const take = (kind: string) =>
      mine
        .filter((row) => row.kind === kind)
        .map(({ parts: [first = "", second = ""], amount, lineItems }) => ({ first, second, amount, lineItems }));
    return {
      currency,
      total,
      unallocated: of("unallocated"),
      coveragePercent: coveragePercent({ direct: of("direct"), shared: of("shared"), total }),
      accounts: take("account").map(({ first, second, ...rest }) => ({
        provider: first,
        subAccountId: second,
        name: names.get(second)?.label ?? second,
        ...rest,
      })),
      services: take("service").map(({ first, second, ...rest }) => ({
        provider: first,
        serviceName: second,
        ...rest,
      })),
      tags: take("tag").map(({ first, second, ...rest }) => ({ key: first, value: second, ...rest })),
    };
  });
}
