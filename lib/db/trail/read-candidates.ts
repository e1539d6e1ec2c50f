import type { SqlExecutor } from "#lib/db/activity.ts";
import type { TERM_FIELDS } from "#lib/domain/trail/event-terms.ts";

/** Something that may be meant by a part of a text: a word, or a field's value with what people call it. */
export type Candidate = { field: keyof typeof TERM_FIELDS | "word"; value: string; label: string };

/** Of each kind; what begins with the part comes first. */
const MOST_OF_A_KIND = 40;

/** Names that we know from elsewhere, by the field of an event whose value they are: `value` and `label`. */
const NAMES: readonly [Candidate["field"], string][] = [
  ["word", "SELECT word AS value, word AS label FROM event_word"],
  [
    "person",
    "SELECT DISTINCT ON (mail) mail AS value, name || ', ' || mail AS label FROM person ORDER BY mail, active_to DESC NULLS FIRST",
  ],
  [
    "accountId",
    "SELECT DISTINCT ON (account_id) account_id AS value, concat_ws(', ', nullif(name, ''), account_id) AS label FROM cloud_account ORDER BY account_id, seen_from DESC",
  ],
  ["clusterKey", "SELECT DISTINCT cluster_key AS value, cluster_key AS label FROM cluster"],
  ["namespace", "SELECT DISTINCT name AS value, name AS label FROM namespace_name"],
  ["sourceKey", "SELECT key AS value, title AS label FROM source WHERE dataset = 'events'"],
];

/** What a part of a text, in lower case, may be a part of. */
export async function readCandidates(sql: SqlExecutor, part: string): Promise<Candidate[]> {
  const escaped = part.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
  const { rows } = await sql.query(
    NAMES.map(
      ([
        field,
        names,
      ]) => `(SELECT '${field}' AS field, value, label FROM (${names}) n WHERE ${field === "word" ? "value" : "lower(label)"} LIKE $1
        ORDER BY lower(label) LIKE $2 DESC, length(label), label LIMIT ${MOST_OF_A_KIND})`,
    ).join(" UNION ALL "),
    [`%${escaped}%`, `${escaped}%`],
  );
  return rows as Candidate[];
}
