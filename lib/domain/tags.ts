/** A tag's key as it is stored and compared: trimmed and in lower case. Underscores, hyphens and inner blanks stay. */
export function normaliseTagKey(key: string): string {
  return comparable(key);
}

/**
 * Tags with normalised keys and trimmed values. Keys or values that are empty after that are dropped; where two keys
 * become the same, the first one that has a value wins.
 */
export function normaliseTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const normalised = new Map<string, string>();
  for (const [key, value] of Object.entries(tags)) {
    const name = normaliseTagKey(key);
    const text = value.trim();
    if (name !== "" && text !== "" && !normalised.has(name)) normalised.set(name, text);
  }
  // Object.fromEntries defines own properties, so that a tag called "__proto__" is a tag like any other.
  return Object.fromEntries(normalised);
}

/** The value of a tag, trimmed; null where it is absent or empty. `key` is normalised. */
export function tagValue(tags: Readonly<Record<string, string>>, key: string): string | null {
  // A record that came from JSON inherits "constructor" and the like; only its own properties are tags.
  const value = Object.hasOwn(tags, key) ? tags[key]?.trim() : undefined;
  return value === undefined || value === "" ? null : value;
}

/** Text as names and values are compared: trimmed and in lower case. */
export function comparable(text: string): string {
  return text.trim().toLowerCase();
}
