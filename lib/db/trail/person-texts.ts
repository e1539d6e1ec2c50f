import type { SqlExecutor } from "#lib/db/activity.ts";
import { TEXT_TABLES } from "#lib/db/trail/held-texts.ts";
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

/** Of one table in one order; one that has more is said to. */
const MOST_ROWS = 100_000;

export type TableRows = {
  table: string;
  /** Rows in which a name was found. */
  rows: number;
  isCut: boolean;
  /** Those of them that keep it, as they may have been made of what is held. */
  waits: number;
  /** The holds that they wait for. */
  holds: number[];
};

type Wanted = {
  /** Texts of which at least one is in every row that can fit. */
  parts: readonly string[];
  isIn: (text: string) => boolean;
  /** Null: nothing is changed. */
  replace: ((text: string) => string) | null;
  now: Date;
  pseudonym: string;
};

/** The rows of tables beside the log in which `isIn` finds a name; with `replace` they are changed, but for those that a hold may be about. */
export async function changePersonTexts(
  sql: SqlExecutor,
  { parts, isIn, replace, now, pseudonym }: Wanted,
): Promise<TableRows[]> {
  const patterns = parts.map((part) => `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
  const found: TableRows[] = [];
  for (const { table, columns, only, holds } of TEXT_TABLES) {
    const texts = columns.map((column) => `t.${column}::text AS ${column}`).join(", ");
    const fits = columns.map((column) => `t.${column}::text ILIKE ANY($1)`).join(" OR ");
    const { rows } = await sql.query(
      `WITH asked AS (SELECT $2::timestamptz AS now, $3::text AS pseudonym)
       SELECT t.ctid::text AS place, ${texts}, ${holds} AS holds FROM ${table} t CROSS JOIN asked WHERE (${fits})${only ? ` AND ${only}` : ""} LIMIT ${MOST_ROWS}
       ${replace === null ? "" : "FOR UPDATE OF t"}`,
      [patterns, now, pseudonym],
    );
    const named = rows.filter((row) => columns.some((column) => isIn(String(row[column] ?? ""))));
    const held = named.flatMap((row) => [row["holds"] as number[]]).filter((ids) => ids.length > 0);
    found.push({
      table,
      rows: named.length,
      isCut: rows.length === MOST_ROWS,
      waits: held.length,
      holds: [...new Set(held.flat())].toSorted((a, b) => a - b),
    });
    const free = named.filter((row) => (row["holds"] as number[]).length === 0);
    if (replace === null || free.length === 0) continue;
    const changed = free.map((row) => [
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
