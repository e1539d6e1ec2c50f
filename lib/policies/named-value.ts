/**
 * The value of the first of `keys` among tags, labels or annotations; null where none is there or all are empty. Keys are compared without
 * case; one that begins with a star and a slash is found behind any prefix ("example.com/tier").
 */
export function namedValue(tags: Readonly<Record<string, string>>, keys: readonly string[]): string | null {
  const entries = Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value.trim()] as const);
  for (const key of keys.map((one) => one.toLowerCase())) {
    const isMeant = key.startsWith("*/") ? (one: string) => one.endsWith(key.slice(1)) : (one: string) => one === key;
    const value = entries.find(([one, text]) => isMeant(one) && text !== "")?.[1];
    if (value !== undefined) return value;
  }
  return null;
}
