import { useQuery } from "@tanstack/react-query";
import type { TrailEventView } from "#lib/services/trail/trail-view.ts";
import { fetchJson } from "#app/_queries/fetch-json.ts";

/** The newest events of an account. */
export function useAccountEvents(accountId: string) {
  return useQuery({
    queryKey: ["trail", "related", accountId],
    queryFn: ({ signal }) =>
      fetchJson<TrailEventView[]>(`/api/v1/trail/related?account=${encodeURIComponent(accountId)}`, signal),
  });
}
