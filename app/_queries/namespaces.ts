import { keepPreviousData, useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import type { NamespacePage, NamespaceRow, SprawlView } from "#lib/services/sprawl/sprawl-view.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

type NamedNamespace = { clusterKey: string; uid: string };
type OverruleInput = { namespaces: NamedNamespace[]; teamKey: string; reason: string; until: string | null };
type ExemptInput = Omit<OverruleInput, "teamKey">;

/** What is loaded of a list of namespaces; `total` as the newest page tells it. */
export type LoadedRows = {
  total: number;
  /** The row at a place of the list; null while its page is on the way. */
  rowAt: (index: number) => NamespaceRow | null;
  isLoading: boolean;
  error: Error | null;
};

/**
 * The pages of a list that hold the asked rows, each read once. What the server sent with the page is shown until then. While another order
 * is on the way, the rows before it stay in sight.
 *
 * @param hrefOf a page of the list in the API, by its first row. @param first `href` of its page as hrefOf(0) names the list.
 */
export function useNamespaceRows(
  hrefOf: (offset: number) => string,
  asked: { from: number; to: number; pageRows: number },
  first: { href: string; page: NamespacePage },
): LoadedRows {
  const list = hrefOf(0);
  const isFirst = first.href === list;
  const held = (index: number): NamespaceRow | null =>
    isFirst ? (first.page.rows[index - first.page.offset] ?? null) : null;
  return useQueries({
    queries: pagesOf(asked).map((offset) => ({
      queryKey: ["namespaces", "page", hrefOf(offset)],
      initialData: isFirst && offset === first.page.offset ? first.page : undefined,
      placeholderData: keepPreviousData,
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchJson<NamespacePage>(hrefOf(offset), signal),
    })),
    combine: (results) => {
      const loaded = results.flatMap(({ data }) => data ?? []);
      const rowAt = (index: number): NamespaceRow | null => {
        const page = loaded.find(({ offset, rows }) => index >= offset && index < offset + rows.length);
        return page?.rows[index - page.offset] ?? held(index);
      };
      return {
        total: loaded.at(-1)?.total ?? first.page.total,
        rowAt,
        isLoading: results.some(({ isPending, isPlaceholderData }) => isPending || isPlaceholderData),
        error: results.find(({ error }) => error !== null)?.error ?? null,
      };
    },
  });
}

function pagesOf({ from, to, pageRows }: { from: number; to: number; pageRows: number }): number[] {
  const start = Math.floor(Math.max(0, from) / pageRows);
  const end = Math.floor(Math.max(from, to) / pageRows);
  return Array.from({ length: end - start + 1 }, (_, index) => (start + index) * pageRows);
}

/** Everything of one namespace, its claims among it. Read when somebody asks for the evidence. */
export function useNamespace(
  { clusterKey, uid, asOf }: { clusterKey: string; uid: string; asOf: string | null },
  isEnabled: boolean,
) {
  return useQuery({
    queryKey: ["namespaces", "one", clusterKey, uid, asOf],
    enabled: isEnabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => {
      const path = `/api/v1/namespaces/${encodeURIComponent(clusterKey)}/${encodeURIComponent(uid)}`;
      return fetchJson<NamespaceView>(asOf === null ? path : `${path}?asOf=${encodeURIComponent(asOf)}`, signal);
    },
  });
}

/** The groups of a question, read when a filter that is set shall take further values. @param href of /api/v1/sprawl. */
export function useSprawlGroups(href: string, isEnabled: boolean) {
  return useQuery({
    queryKey: ["namespaces", "groups", href],
    enabled: isEnabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => fetchJson<SprawlView>(href, signal),
    select: ({ groups }) => groups,
  });
}

export function useOverruleOwner() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (input: OverruleInput) => sendJson<{ namespaces: number }>("POST", "/api/v1/overrules", input),
    onSuccess: refresh,
  });
}

export function useExemptNamespaces() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (input: ExemptInput) => sendJson<{ namespaces: number }>("POST", "/api/v1/exemptions", input),
    onSuccess: refresh,
  });
}

/** Ends a decision: from now on the claims, or the signs, decide again. */
export function useEndDecision(kind: "overrules" | "exemptions") {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: number) => sendJson<object>("DELETE", `/api/v1/${kind}/${id}`),
    onSuccess: refresh,
  });
}

function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["namespaces"] });
}
