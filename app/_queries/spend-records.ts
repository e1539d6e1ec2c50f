import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { LineItemPage, ResourceRow } from "#lib/services/spend/spend-view.ts";
import { fetchJson } from "#app/_queries/fetch-json.ts";
import { spendSearch, type SpendState } from "#app/(dashboard)/spend/spend-state.ts";

// Records are read from the files themselves, which takes seconds: what was read once is kept while the sheet is used.
const KEEP_MS = 300_000;

/** Line items summed by resource, per currency. */
export function useResources(state: SpendState) {
  const search = spendSearch({ ...state, sheet: null }).toString();
  return useQuery({
    queryKey: ["spend-resources", search],
    staleTime: KEEP_MS,
    queryFn: ({ signal }) =>
      fetchJson<{ currency: string; rows: ResourceRow[] }[]>(`/api/v1/spend/resources?${search}`, signal),
  });
}

/** One page of line items, per currency; of one resource, or of all. `page` counts from 1. */
export function useLineItems(state: SpendState, asked: { page: number; resource: string | null }) {
  const params = spendSearch({ ...state, sheet: null });
  params.set("page", String(asked.page));
  if (asked.resource !== null) params.set("resource", asked.resource);
  const search = params.toString();
  return useQuery({
    queryKey: ["spend-line-items", search],
    staleTime: KEEP_MS,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => fetchJson<LineItemPage[]>(`/api/v1/spend/line-items?${search}`, signal),
  });
}
