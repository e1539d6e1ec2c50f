import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  DifferenceRow,
  PublicationView,
  RunState,
  RunView,
  SourceView,
} from "#lib/services/sources/source-view.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

const SOURCES_KEY = ["sources"];
const POLL_MS = 1_000;
const IDLE_POLL_MS = 15_000;

const OVER: readonly RunState[] = ["succeeded", "unchanged", "failed", "abandoned"];

export function isOver(run: RunView): boolean {
  return OVER.includes(run.state);
}

/** Every source. Starts with the server's first answer, and asks more often while something is being pulled. */
export function useSources(first: SourceView[]) {
  return useQuery({
    queryKey: SOURCES_KEY,
    initialData: first,
    refetchInterval: ({ state }) =>
      (state.data ?? []).some((source) => source.runs.some((run) => !isOver(run))) ? POLL_MS * 2 : IDLE_POLL_MS,
    queryFn: ({ signal }) => fetchJson<SourceView[]>("/api/v1/sources", signal),
  });
}

/** One run, followed until it is over. */
export function useRun(run: RunView) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["runs", run.id],
    initialData: run,
    enabled: !isOver(run),
    refetchInterval: ({ state }) => (state.data !== undefined && isOver(state.data) ? false : POLL_MS),
    queryFn: async ({ signal }) => {
      const answer = await fetchJson<RunView>(`/api/v1/runs/${encodeURIComponent(run.id)}`, signal);
      if (isOver(answer)) await client.invalidateQueries({ queryKey: SOURCES_KEY });
      return answer;
    },
  });
}

/** Runs that are known by their ids only, such as those that saving a rule started. */
export function useRuns(runIds: string[]) {
  return useQuery<RunView[]>({
    queryKey: ["runs", ...runIds],
    enabled: runIds.length > 0,
    refetchInterval: ({ state }) => (state.data?.every(isOver) === true ? false : POLL_MS),
    queryFn: ({ signal }) =>
      Promise.all(runIds.map((id) => fetchJson<RunView>(`/api/v1/runs/${encodeURIComponent(id)}`, signal))),
  });
}

export function useRequestPull(sourceKey: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (period: string | null) =>
      sendJson<{ runs: RunView[] }>("POST", `/api/v1/sources/${encodeURIComponent(sourceKey)}/pull`, { period }),
    onSuccess: ({ runs }) => {
      // Shown at once: a short pull is over before the list has been asked for again.
      client.setQueryData<SourceView[]>(SOURCES_KEY, (sources) =>
        sources?.map((source) => withRuns(source, sourceKey, runs)),
      );
      return client.invalidateQueries({ queryKey: SOURCES_KEY });
    },
  });
}

function withRuns(source: SourceView, key: string, runs: RunView[]): SourceView {
  if (source.key !== key) return source;
  const ids = new Set(runs.map(({ id }) => id));
  return { ...source, runs: [...runs, ...source.runs.filter(({ id }) => !ids.has(id))] };
}

export function usePublications(sliceId: number) {
  return useQuery({
    queryKey: ["publications", sliceId],
    queryFn: ({ signal }) => fetchJson<PublicationView[]>(`/api/v1/slices/${sliceId}/publications`, signal),
  });
}

export function useDifference(publicationId: number) {
  return useQuery({
    queryKey: ["difference", publicationId],
    staleTime: Infinity,
    queryFn: ({ signal }) => fetchJson<DifferenceRow[]>(`/api/v1/publications/${publicationId}/difference`, signal),
  });
}
