const MOST_CHARACTERS = 500;

/** What was made of texts. `get` and `set` as of a Map, but that it forgets. */
export type Recall<Value> = {
  get(text: string): Value | undefined;
  set(text: string, value: Value): void;
  clear(): void;
};

/**
 * Remembers what comes again. Most names of a trail are there once, and a table of all of them would be looked up slower than they are made anew: a text is kept only once it was
 * asked for again among the last `recent` that were set, and beyond `most` of those that are kept all are forgotten.
 * Long texts are not worth their room.
 */
export function createRecall<Value>({ recent, most }: { recent: number; most: number }): Recall<Value> {
  let kept = new Map<string, Value>();
  let fresh = new Map<string, Value>();
  return {
    get(text) {
      const known = kept.get(text);
      if (known !== undefined) return known;
      const again = fresh.get(text);
      if (again === undefined) return undefined;
      if (kept.size >= most) kept = new Map();
      kept.set(text, again);
      return again;
    },
    set(text, value) {
      if (text.length > MOST_CHARACTERS) return;
      if (fresh.size >= recent) fresh = new Map();
      fresh.set(text, value);
    },
    clear() {
      kept = new Map();
      fresh = new Map();
    },
  };
}
