import { COST_BASES } from "#lib/domain/money.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { selectLineItems } from "#lib/services/spend/select-line-items.ts";
import type { LineItemPage, SpendQuery } from "#lib/services/spend/spend-view.ts";
import { readFocusLineItems } from "#lib/sources/focus/index.ts";

/** The source's own records behind a figure, largest first; one page for each source and currency. `page` counts from 1. */
export async function readLineItems(
  context: ServiceContext,
  query: SpendQuery & { page: number; pageSize: number; resourceId?: string | null },
): Promise<LineItemPage[]> {
  await authorise(context, "spend:read", "line items");
  const pages: LineItemPage[] = [];
  for (const { source, currency, files, options, note } of await selectLineItems(context, query)) {
    const found = await readFocusLineItems(source.focus, files, {
      ...options,
      page: query.page,
      pageSize: query.pageSize,
    });
    const totals = found.totals[currency];
    if (!totals) continue;
    const changed =
      found.changedFiles.length > 0
        ? "The files have been delivered anew since these figures were published; the line items are the new ones."
        : null;
    pages.push({
      columns: found.columns,
      rows: found.rows,
      count: found.count,
      totals: Object.fromEntries(COST_BASES.map((basis) => [basis, totals[basis]])) as LineItemPage["totals"],
      currency,
      note: [changed, note].filter(Boolean).join(" ") || null,
    });
  }
  return pages;
}
