/** Where the pages of sprawl are. The instant that a page is read at goes along on every way down. */

export function namespaceHref(
  { clusterKey, name, uid }: { clusterKey: string; name: string; uid?: string },
  asOf: string | null,
): string {
  const path = `/sprawl/namespaces/${encodeURIComponent(clusterKey)}/${encodeURIComponent(name)}`;
  return withParams(path, { uid: uid ?? null, asOf });
}

export function clusterHref(clusterKey: string, asOf: string | null): string {
  return withParams(`/sprawl/clusters/${encodeURIComponent(clusterKey)}`, { asOf });
}

export function teamHref(teamKey: string, asOf: string | null): string {
  return withParams(`/teams/${encodeURIComponent(teamKey)}`, { asOf });
}

/** A path with the parameters that are set. */
export function withParams(path: string, params: Record<string, string | null>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== null) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
