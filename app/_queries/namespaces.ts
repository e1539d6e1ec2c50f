import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import type { NamespacePage, SprawlView, UnusedView } from "#lib/services/sprawl/sprawl-view.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

type NamedNamespace = { clusterKey: string; uid: string };
type OverruleInput = { namespaces: NamedNamespace[]; teamKey: string; reason: string; until: string | null };
type ExemptInput = Omit<OverruleInput, "teamKey">;

/** One page of a list of namespaces; the page before stays in sight until it is there. @param href of the list in the API. */
export function useNamespacePage<Page extends NamespacePage | UnusedView>(
  href: string,
  first: { href: string; page: Page },
) {
  return useQuery({
    queryKey: ["namespaces", "page", href],
    initialData: first.href === href ? first.page : undefined,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => fetchJson<Page>(href, signal),
  });
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
