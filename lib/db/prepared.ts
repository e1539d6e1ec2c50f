import { createHash } from "node:crypto";
import type { SqlExecutor } from "#lib/db/activity.ts";

const names = new Map<string, string>();

/** Statements whose text is remembered; the pages ask a few dozen. */
const MAX_NAMES = 2000;

/**
 * Runs a statement that is asked again and again as a prepared one: each connection parses and plans it once. Its text must not hold
 * values, or every question would be a statement of its own.
 */
export function queryPrepared(sql: SqlExecutor, text: string, values: unknown[]): ReturnType<SqlExecutor["query"]> {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= MAX_NAMES) return sql.query(text, values);
    name = createHash("sha256").update(text).digest("hex").slice(0, 32);
    names.set(text, name);
  }
  return sql.query({ name, text, values });
}
