import { useMutation, useQuery } from "@tanstack/react-query";
import type { TrailSearch } from "#lib/services/trail/trail-search.ts";
import type { TrailEventView } from "#lib/services/trail/trail-view.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

const SEARCHES = "/api/v1/trail/searches";

/** The newest events of an account. */
export function useAccountEvents(accountId: string) {
  return useQuery({
    queryKey: ["trail", "related", accountId],
    queryFn: ({ signal }) =>
      fetchJson<TrailEventView[]>(`/api/v1/trail/related?account=${encodeURIComponent(accountId)}`, signal),
  });
}

/** Keeps a search; one of the same name is replaced. */
export function useSaveSearch() {
  return useMutation({
    mutationFn: (draft: { name: string; search: TrailSearch; isWatched: boolean }) =>
      sendJson<{ id: number }>("POST", SEARCHES, draft),
  });
}

export function useRemoveSearch() {
  return useMutation({ mutationFn: (id: number) => sendJson("DELETE", `${SEARCHES}/${id}`) });
}

export function useOpenSearch() {
  return useMutation({ mutationFn: (id: number) => sendJson("POST", `${SEARCHES}/${id}/opened`) });
}

export type HoldDraft = {
  reason: string;
  person: string | null;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  sourceKey: string | null;
  from: string | null;
  to: string | null;
  until: string | null;
};

export function usePlaceHold() {
  return useMutation({
    mutationFn: (draft: HoldDraft) => sendJson<{ id: number }>("POST", "/api/v1/trail/holds", draft),
  });
}

export function useLiftHold() {
  return useMutation({
    mutationFn: ({ id, reason }: { id: number; reason: string }) =>
      sendJson("POST", `/api/v1/trail/holds/${id}/lifted`, { reason }),
  });
}
