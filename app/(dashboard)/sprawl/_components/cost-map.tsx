import { sumByCurrency } from "#app/(dashboard)/sprawl/money-sums.ts";
import { Treemap } from "#app/_components/charts/treemap.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented.tsx";
import type { SprawlView } from "#lib/services/sprawl/sprawl-view.ts";
import { sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";

/** Of fewer areas the list alone tells as much. */
const LEAST_DRAWN = 2;

/** What the filters leave, as areas by cost: by team or by cluster. An area filters to what it holds. */
export function CostMap({ groups, state }: { groups: SprawlView["groups"]; state: SprawlState }) {
  const shown = groups[state.map];
  const currencies = sumByCurrency(shown.flatMap(({ costs }) => costs)).map(({ currency }) => currency);
  if (shown.length < LEAST_DRAWN || currencies.length === 0) return null;
  const maps = [
    { map: "teams", label: "By team" },
    { map: "clusters", label: "By cluster" },
  ] as const;
  const hrefs = Object.fromEntries(
    shown.map(({ key }) => [key, sprawlHref(withFilters(state, { [state.map]: [key] }))]),
  );
  return (
    <div className="space-y-2">
      <SegmentedLinks
        label="Map"
        segments={maps.map(({ map, label }) => ({
          label,
          href: sprawlHref({ ...state, map }),
          isChosen: state.map === map,
        }))}
      />
      <div className={currencies.length > 1 ? "grid grid-cols-1 gap-4 lg:grid-cols-2" : undefined}>
        {currencies.map((currency) => (
          <Treemap
            key={currency}
            currency={currency}
            hrefs={hrefs}
            rows={shown.flatMap(({ key, label, costs }) =>
              costs
                .filter((cost) => cost.currency === currency)
                .map(({ amount }) => ({ path: [{ key, label }], amount })),
            )}
          />
        ))}
      </div>
    </div>
  );
}
