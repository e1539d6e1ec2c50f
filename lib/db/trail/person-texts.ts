import type { SqlExecutor } from "#lib/db/activity.ts";
import { heldCondition } from "#lib/db/trail/holds.ts";
import { STORED_COLUMNS, type StoredEvent } from "#lib/db/trail/read-event-range.ts";

/** An event, and whether something holds it. */
export type HoldableEvent = StoredEvent & { held: boolean };

/** The events of `[from, to)` in order. */
export async function readHoldableEvents(
  sql: SqlExecutor,
  { from, to, now }: { from: number; to: number; now: Date },
): Promise<HoldableEvent[]> {
  const { rows } = await sql.query(
    `SELECT ${STORED_COLUMNS}, ${heldCondition("$3")} AS held FROM event e WHERE seq >= $1 AND seq < $2 ORDER BY seq`,
    [from, to, now],
  );
  return rows as HoldableEvent[];
}

/** Is there a hold now, on this person or, where it is null, on anything? */
export async function hasHold(sql: SqlExecutor, now: Date, person: string | null): Promise<boolean> {
  const { rows } = await sql.query(
    "SELECT 1 FROM trail_hold WHERE lifted_at IS NULL AND (until IS NULL OR until > $1) AND ($2::text IS NULL OR person = $2) LIMIT 1",
    [now, person],
  );
  return rows.length > 0;
}

/** The full names that directories have for a mail; a first name alone is many people's. */
export async function readDirectoryNames(sql: SqlExecutor, mail: string): Promise<string[]> {
  const { rows } = await sql.query("SELECT DISTINCT name FROM person WHERE lower(mail) = $1 AND name LIKE '% %'", [
    mail,
  ]);
  return rows.map(({ name }) => String(name));
}

/** Texts that were made of events: columns with a text, and columns with JSON. */
const TABLES: { table: string; columns: string[]; only?: string }[] = [
  { table: "making", columns: ["actor", "person", "through"] },
  { table: "namespace_person_use", columns: ["person", "action"] },
  { table: "change_ticket", columns: ["person"] },
  // What other sources say now is read from them again; what they said before stays as it was read.
  { table: "ownership_claim", columns: ["names_value", "detail"], only: "origin = 'audit-log'" },
  { table: "namespace_owner", columns: ["reasons"] },
  { table: "namespace_summary", columns: ["reasons"] },
  { table: "namespace_verdict", columns: ["judgement"] },
  { table: "namespace_state", columns: ["judgement"] },
  { table: "saved_search", columns: ["search"] },
  { table: "finding", columns: ["message", "sample"] },
];
/** Of one table in one order; one that has more is said to. */
const MOST_ROWS = 100_000;

export type TableRows = { table: string; rows: number; isCut: boolean };

/**
 * The rows of tables beside the log in which `isIn` finds a name; with `replace` they are changed. `parts` are texts of which at least one is
 * in every row that can fit.
 */
export async function changePersonTexts(
  sql: SqlExecutor,
  parts: readonly string[],
  isIn: (text: string) => boolean,
  replace: ((text: string) => string) | null,
): Promise<TableRows[]> {
  const patterns = parts.map((part) => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
  const found: TableRows[] = [];
  for (const { table, columns, only } of TABLES) {
    const texts = columns.map((column) => `${column}::text AS ${column}`).join(", ");
    const fits = columns.map((column) => `${column}::text ILIKE ANY($1)`).join(" OR ");
    const { rows } = await sql.query(
      `SELECT ctid::text AS place, ${texts} FROM ${table} WHERE (${fits})${only ? ` AND ${only}` : ""} LIMIT ${MOST_ROWS}
       ${replace === null ? "" : "FOR UPDATE"}`,
      [patterns],
    );
    const named = rows.filter((row) => columns.some((column) => isIn(String(row[column] ?? ""))));
    found.push({ table, rows: named.length, isCut: rows.length === MOST_ROWS });
    if (replace === null || named.length === 0) continue;
    const changed = named.map((row) => [
      row["place"],
      ...columns.map((column) => (row[column] === null ? null : replace(String(row[column])))),
    ]);
    await writeTexts(sql, table, columns, changed);
  }
  return found;
}

async function writeTexts(sql: SqlExecutor, table: string, columns: string[], rows: unknown[][]): Promise<void> {
  const types = await sql.query(
    `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attname = ANY($2)`,
    [table, columns],
  );
  const typeOf = new Map(types.rows.map(({ attname, type }) => [String(attname), String(type)]));
  const sets = columns
    .map((column, at) => `${column} = (c.row->>${at + 1})::${typeOf.get(column) ?? "text"}`)
    .join(", ");
  await sql.query(
    `UPDATE ${table} t SET ${sets} FROM jsonb_array_elements($1::jsonb) AS c (row) WHERE t.ctid = (c.row->>0)::tid`,
    [JSON.stringify(rows)],
  );
}

/** The entries of Bursar's own log with these ids, changed: actor, subject, and what was before and after. */
export async function changeActivity(
  sql: SqlExecutor,
  ids: readonly string[],
  replace: (text: string) => string,
): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql.query(
    "SELECT id::text AS id, actor_id, subject, before::text AS before, after::text AS after FROM activity WHERE id = ANY($1::bigint[])",
    [ids],
  );
  const changed = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null || name === "id" ? value : replace(String(value)),
      ]),
    ),
  );
  await sql.query("SELECT set_config('bursar.trail_maintenance', 'on', true)");
  await sql.query(
    `UPDATE activity a SET actor_id = c.actor_id, subject = c.subject, before = c.before::jsonb, after = c.after::jsonb
     FROM jsonb_to_recordset($1::jsonb) AS c (id bigint, actor_id text, subject text, before text, after text) WHERE a.id = c.id`,
    [JSON.stringify(changed)],
  );
  await sql.query("SELECT set_config('bursar.trail_maintenance', '', true)");
}
