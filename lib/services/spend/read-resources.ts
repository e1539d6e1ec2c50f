import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { selectLineItems } from "#lib/services/spend/select-line-items.ts";
import type { ResourceRow, SpendQuery } from "#lib/services/spend/spend-view.ts";
import { readFocusResources } from "#lib/sources/focus/index.ts";

/** Resources listed per currency. */
const SHOWN_RESOURCES = 500;

/** The line items behind a figure, summed by resource, largest first, per currency. */
export async function readResources(
  context: ServiceContext,
  query: SpendQuery,
): Promise<{ currency: string; rows: ResourceRow[] }[]> {
  await authorise(context, "spend:read", "resources");
  const found: (ResourceRow & { currency: string })[] = [];
  for (const { source, files, options } of await selectLineItems(context, query)) {
    const { rows } = await readFocusResources(source.focus, files, { ...options, limit: SHOWN_RESOURCES });
    found.push(...rows.map(({ amounts, ...row }) => ({ ...row, amount: amounts[query.basis] })));
  }
  return [...Map.groupBy(found, (row) => row.currency)]
    .map(([currency, rows]) => ({
      currency,
      total: sum(rows.map((row) => row.amount)),
      rows: rows
        .toSorted((a, b) => decimal(b.amount).comparedTo(decimal(a.amount)))
        .slice(0, SHOWN_RESOURCES)
        .map(({ currency: _shown, ...row }) => ({ ...row, amount: toAmount(decimal(row.amount)) })),
    }))
    .toSorted((a, b) => b.total.comparedTo(a.total))
    .map(({ currency, rows }) => ({ currency, rows }));
}
