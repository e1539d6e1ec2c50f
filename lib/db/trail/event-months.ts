import type { SqlExecutor } from "#lib/db/activity.ts";

/** Makes the partitions of the months that these instants fall in, where they are not there. */
export async function ensureEventMonths(sql: SqlExecutor, instants: Iterable<Date>): Promise<void> {
  const first = new Map(Array.from(instants, (at) => [at.getUTCFullYear() * 12 + at.getUTCMonth(), at]));
  const months = Array.from(first.values(), (at) => at.toISOString().slice(0, 7));
  const { rows } = await sql.query(
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'event'::regclass",
  );
  const known = new Set(rows.map(({ name }) => String(name)));
  for (const month of months) {
    const name = `event_${month.replace("-", "_")}`;
    if (known.has(name)) continue;
    // Names and bounds are made of digits that toISOString wrote.
    await sql.query(
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF event FOR VALUES FROM ('${month}-01T00:00:00Z') TO ('${nextMonth(month)}-01T00:00:00Z')`,
    );
  }
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}
