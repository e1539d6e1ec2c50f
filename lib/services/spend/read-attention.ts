import { isAllowed } from "#lib/access/permissions.ts";
import { formatInstant, formatPeriod } from "#lib/domain/format.ts";
import { addMonths, rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import type { AppErrorJson } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readAnomalies } from "#lib/services/spend/read-anomalies.ts";
import type { AttentionItem } from "#lib/services/spend/overview-view.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { readConfiguredFailures } from "#lib/services/trail/heads/read-heads.ts";
import { readUnallocated } from "#lib/services/spend/read-unallocated.ts";

/** Lines of "needs attention". */
const SHOWN_ITEMS = 5;

/** What wants a person, most urgent first: pulls that fail, heads of the trail that cannot be written, holes, jumps in cost, and the largest cost without an owner. */
export async function readAttention(
  context: ServiceContext,
  asked: { asOf: Date | null; month: BillingPeriod },
): Promise<AttentionItem[]> {
  // What is failing now says nothing about an instant of the past.
  if (asked.asOf !== null) return [];
  const items: AttentionItem[] = [];
  if (isAllowed(context.actor, "sources:read")) {
    for (const source of (await listSources(context)).filter((one) => !one.removed)) {
      const target = { page: "sources" as const, sourceKey: source.key };
      if (source.planError)
        items.push(item("failed", `${source.title} cannot be read`, source.planError.message, target));
      for (const slice of source.slices) {
        if (slice.state === "missing")
          items.push(
            item(
              "missing",
              `${source.title}: ${formatPeriod(slice.period as BillingPeriod)} is missing`,
              "The source does not offer this month.",
              target,
            ),
          );
        if (slice.state === "stale")
          items.push(
            item(
              "stale",
              `${source.title}: ${slice.period} shows older figures`,
              errorOf(slice.lastRun?.error ?? null),
              target,
            ),
          );
        if (slice.state === "waiting" && slice.lastRun?.state === "failed")
          items.push(
            item(
              "failed",
              `${source.title}: ${slice.period} could not be loaded`,
              errorOf(slice.lastRun.error),
              target,
            ),
          );
      }
    }
  }
  if (isAllowed(context.actor, "activity:read"))
    for (const { place, isPlace, since, error } of await readConfiguredFailures(context.database.pool)) {
      const detail = `Since ${formatInstant(since)}: ${error.message}`;
      items.push(
        item("failed", `Heads of the trail ${isPlace ? "do not reach" : "get no time stamp from"} ${place}`, detail, {
          page: "heads",
        }),
      );
    }
  items.push(...(await readAnomalies(context, asked.month)));
  if (context.actor.role !== "member") items.push(...(await unownedItems(context, asked.month)));
  const urgency: AttentionItem["kind"][] = ["failed", "stale", "anomaly", "missing", "unallocated", "findings"];
  return items.toSorted((a, b) => urgency.indexOf(a.kind) - urgency.indexOf(b.kind)).slice(0, SHOWN_ITEMS);
}

async function unownedItems(context: ServiceContext, month: BillingPeriod): Promise<AttentionItem[]> {
  const { from } = rangeOf(addMonths(month, -1));
  const views = await readUnallocated(context, { from, to: rangeOf(month).from, basis: "billed", asOf: null });
  return views.flatMap((view): AttentionItem[] => {
    const largest = view.accounts[0];
    if (!largest || view.unallocated === "0") return [];
    return [
      {
        kind: "unallocated",
        title: `${largest.name} has cost without an owner`,
        detail: `Largest of ${formatPeriod(addMonths(month, -1))}; ${view.coveragePercent ?? "0.0"} % of the bill has an owner.`,
        amount: largest.amount,
        currency: view.currency,
        target: { page: "unallocated" },
      },
    ];
  });
}

function item(
  kind: AttentionItem["kind"],
  title: string,
  detail: string | null,
  target: AttentionItem["target"],
): AttentionItem {
  return { kind, title, detail, amount: null, currency: null, target };
}

function errorOf(error: AppErrorJson | null): string | null {
  return error ? error.message : null;
}
