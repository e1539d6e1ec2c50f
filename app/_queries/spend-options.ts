import { useQuery } from "@tanstack/react-query";
import type { FilterOption, SpendDimension } from "#lib/services/spend/spend-view.ts";
import { fetchJson } from "#app/_queries/fetch-json.ts";

type Asked = { dimension: SpendDimension; period: string; asOf: string | null };

/** The values that a filter can take in a period. Read when a chip is opened. */
export function useSpendOptions(asked: Asked, isEnabled = true) {
  return useQuery({
    queryKey: ["spend-options", asked],
    enabled: isEnabled,
    staleTime: 300_000,
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({ dimension: asked.dimension, period: asked.period });
      if (asked.asOf !== null) params.set("asOf", asked.asOf);
      return fetchJson<FilterOption[]>(`/api/v1/spend/options?${params.toString()}`, signal);
    },
  });
}
