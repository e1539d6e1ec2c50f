import { readSpendKeys } from "#lib/db/spend/read-spend.ts";
import { emptyLabel, readLabels } from "#lib/db/spend/read-labels.ts";
import type { Day } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openScope } from "#lib/services/spend/open-scope.ts";
import type { FilterOption, SpendDimension } from "#lib/services/spend/spend-view.ts";

/** The most values that a filter offers; beyond it people search by typing a longer word. */
const MAX_OPTIONS = 2000;

/** The values that a dimension takes in a range, by name. */
export async function readSpendOptions(
  context: ServiceContext,
  asked: { dimension: SpendDimension; from: Day; to: Day; asOf: Date | null },
): Promise<FilterOption[]> {
  await authorise(context, "spend:read", "spend options");
  const { question } = await openScope(context, {
    from: asked.from,
    to: asked.to,
    asOf: asked.asOf,
    basis: "billed",
    groupBy: asked.dimension,
    granularity: "month",
    compare: "none",
    currency: null,
    filters: {},
    kinds: [],
  });
  const { pool } = context.database;
  const [keys, labels] = await Promise.all([
    readSpendKeys(pool, question, asked.dimension, MAX_OPTIONS),
    readLabels(pool, asked.dimension),
  ]);
  return keys
    .map((key) => ({
      key,
      label: key === "" ? emptyLabel(asked.dimension) : (labels.get(key)?.label ?? key),
      detail: labels.get(key)?.detail ?? null,
    }))
    .toSorted((a, b) => a.label.localeCompare(b.label, "en"));
}
