import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { HoldView } from "#lib/services/trail/retention/retention-view.ts";
import type { HeadPublication } from "#lib/services/trail/heads/heads-view.ts";
import type { PseudonymOrder, PseudonymPreview } from "#lib/services/trail/people/pseudonym-view.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";
import type { TermSuggestion } from "#lib/services/trail/search/suggest-terms.ts";
import type { TrailEventView } from "#lib/services/trail/search/trail-view.ts";
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

const LEAST_CHARACTERS = 2;
const SUGGESTIONS_STAY_MS = 60_000;

/** What the last word of a text may mean; the answer before stays until there is one, and goes with the word. */
export function useTermSuggestions(text: string) {
  const part = text.split(/\s+/).at(-1) ?? "";
  const isAsked = part.length >= LEAST_CHARACTERS;
  return useQuery({
    queryKey: ["trail", "suggestions", part],
    enabled: isAsked,
    staleTime: SUGGESTIONS_STAY_MS,
    placeholderData: isAsked ? keepPreviousData : undefined,
    queryFn: ({ signal }) =>
      fetchJson<TermSuggestion[]>(`/api/v1/trail/suggestions?text=${encodeURIComponent(part)}`, signal),
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

export type HoldDraft = Pick<
  HoldView,
  "reason" | "person" | "accountId" | "clusterKey" | "namespace" | "sourceKey" | "from" | "to" | "until"
>;

/** Publishes the log's head now. */
export function usePublishHead() {
  return useMutation({ mutationFn: () => sendJson<HeadPublication>("POST", "/api/v1/trail/heads") });
}

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

type PersonDraft = { person: string; names: string[] };

/** A call goes through so many entries at the most; the whole takes as many calls as the log needs. */
const MOST_CALLS = 10_000;

/** Where a person is, call by call, put together. `onProgress` is told how many entries were gone through, of how many. */
export function usePreviewPseudonym(onProgress: (done: number, of: number) => void) {
  return useMutation({
    mutationFn: async (draft: PersonDraft) => {
      let sum: PseudonymPreview | null = null;
      let fromEntry: number | null = 0;
      for (let call = 0; call < MOST_CALLS && fromEntry !== null; call++) {
        const part: PseudonymPreview = await sendJson("POST", "/api/v1/trail/pseudonyms/preview", {
          ...draft,
          fromEntry,
        });
        sum = sum === null ? part : addPreviews(sum, part);
        fromEntry = part.next;
        onProgress(part.next ?? part.of, part.of);
      }
      return sum;
    },
  });
}

/** Orders a pseudonym, call by call under one order. */
export function usePseudonymise(onProgress: (done: number, of: number) => void) {
  return useMutation({
    mutationFn: async (draft: PersonDraft & { reason: string }) => {
      let sum: PseudonymOrder | null = null;
      let place: { fromEntry: number | null; order: string | null } = { fromEntry: 0, order: null };
      for (let call = 0; call < MOST_CALLS && place.fromEntry !== null; call++) {
        const part: PseudonymOrder = await sendJson("POST", "/api/v1/trail/pseudonyms", { ...draft, ...place });
        sum = sum === null ? part : addOrders(sum, part);
        place = { fromEntry: part.next, order: part.order };
        onProgress(part.next ?? part.of, part.of);
      }
      return sum;
    },
  });
}

function addOrders(sum: PseudonymOrder, part: PseudonymOrder): PseudonymOrder {
  return {
    ...part,
    changed: sum.changed + part.changed,
    held: sum.held + part.held,
    kept: sum.kept + part.kept,
    damaged: sum.damaged + part.damaged,
    staying: addStaying(sum, part),
  };
}

function addPreviews(sum: PseudonymPreview, part: PseudonymPreview): PseudonymPreview {
  const sources = new Map(sum.sources.map((source) => [source.sourceKey, { ...source }]));
  for (const { sourceKey, own, named } of part.sources) {
    const source = sources.get(sourceKey) ?? { sourceKey, own: 0, named: 0 };
    sources.set(sourceKey, { sourceKey, own: source.own + own, named: source.named + named });
  }
  return {
    ...part,
    sources: [...sources.values()],
    held: sum.held + part.held,
    kept: sum.kept + part.kept,
    staying: addStaying(sum, part),
    otherNames: [...new Set([...sum.otherNames, ...part.otherNames])].slice(0, 20),
    entries: sum.entries + part.entries,
  };
}

type Staying = Pick<PseudonymPreview, "staying">;

function addStaying({ staying: a }: Staying, { staying: b }: Staying): PseudonymPreview["staying"] {
  return { namespace: a.namespace + b.namespace, eventKey: a.eventKey + b.eventKey };
}
