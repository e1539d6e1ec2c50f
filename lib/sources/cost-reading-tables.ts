import { KEY_COLUMNS } from "#lib/domain/key-columns.ts";

/** The hash of a key, the same in every run and from every source: what the database's dictionary and the search for line items know it by. */
export function keyHashSql(): string {
  return `md5(CAST(to_json([${KEY_COLUMNS.join(", ")}]) AS VARCHAR))`;
}
