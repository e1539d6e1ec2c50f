/** A path with the search parameters that a page was asked with, to come back to after signing in. */
export function pathWith(path: string, raw: Record<string, string | string[] | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of value === undefined ? [] : [value].flat()) params.append(name, one);
  }
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}
