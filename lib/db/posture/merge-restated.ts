import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Merged } from "#lib/db/posture/merge-items.ts";
import { restate, type Handed, type Restated, type Stretch } from "#lib/domain/posture/restate.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";

/** Things that are restated at once: some thousand stretches. */
const BATCH_THINGS = 5_000;

type Key = { rule: number; resource: number };
type Counted = { cell: number; verdict: Verdict; delta: number };
type Written = {
  retired: string[];
  closed: string[];
  added: (Restated["added"][number] & { resource: number })[];
  counted: Counted[];
};

/** Lays what is said of the things in `restated` over what is stored of them. Everything that was known stays, marked as taken back. */
export async function mergeRestated(
  sql: SqlExecutor,
  merged: Merged,
  unread: ReadonlyMap<number, string>,
): Promise<{ began: number; ended: number; restated: number }> {
  const counts = { began: 0, ended: 0, restated: 0 };
  for (let last: Key = { rule: 0, resource: 0 }; ;) {
    const { rows } = await sql.query(
      `SELECT rule_id, resource_id FROM restated WHERE (rule_id, resource_id) > ($1, $2) ORDER BY 1, 2 LIMIT ${BATCH_THINGS}`,
      [last.rule, last.resource],
    );
    if (rows.length === 0) return counts;
    const keys = rows.map((row): Key => ({ rule: Number(row["rule_id"]), resource: Number(row["resource_id"]) }));
    const written = await restateBatch(sql, merged, keys, unread);
    await write(sql, merged.at, written);
    counts.began += written.added.length;
    counts.ended += written.closed.length;
    counts.restated += written.retired.length;
    last = keys.at(-1) ?? last;
  }
}

async function restateBatch(
  sql: SqlExecutor,
  merged: Merged,
  keys: readonly Key[],
  unread: ReadonlyMap<number, string>,
): Promise<Written> {
  const stored = await loadStored(sql, merged, keys);
  const handed = await loadHanded(sql, merged.at, keys);
  const written: Written = { retired: [], closed: [], added: [], counted: [] };
  for (const { rule, resource } of keys) {
    const name = `${rule} ${resource}`;
    const own = stored.get(name) ?? [];
    const items = handed.get(name) ?? [];
    const reason = unread.get(rule);
    const open = own.find(({ to }) => to === null);
    // Only its past was handed in: a rule that could not be read now is unknown on it, any other no longer speaks of it.
    if (reason !== undefined && open && items.every(({ to }) => to !== null))
      items.push({
        verdict: "unknown",
        note: reason,
        evidence: null,
        cell: open.cell,
        from: merged.at.getTime(),
        to: null,
      });
    const { retired, closed, added } = restate(own, items, merged.at.getTime());
    const gone = new Set([...retired, ...closed]);
    written.retired.push(...retired);
    written.closed.push(...closed);
    written.added.push(...added.map((stretch) => ({ ...stretch, resource })));
    for (const { id, to, cell, verdict } of own)
      if (to === null && gone.has(id)) written.counted.push({ cell, verdict, delta: -1 });
    for (const { to, cell, verdict } of added) if (to === null) written.counted.push({ cell, verdict, delta: 1 });
  }
  return written;
}

async function loadStored(
  sql: SqlExecutor,
  { sourceKey, part }: Merged,
  keys: readonly Key[],
): Promise<Map<string, Stretch[]>> {
  const { rows } = await sql.query(
    `SELECT e.id, k.rule_id, k.resource_id, e.cell_id, e.verdict, e.note, e.evidence_hash, e.valid_from, e.valid_to, e.held_from
     FROM unnest($3::int[], $4::int[]) AS k (rule_id, resource_id) JOIN evaluation e ON e.resource_id = k.resource_id
     JOIN posture_cell c ON c.id = e.cell_id AND c.rule_id = k.rule_id
     WHERE c.source_key = $1 AND c.part = $2 AND e.retired_at IS NULL ORDER BY e.valid_from`,
    [sourceKey, part, keys.map(({ rule }) => rule), keys.map(({ resource }) => resource)],
  );
  return grouped(rows, (row) => ({
    ...toHanded(row),
    id: String(row["id"]),
    heldFrom: instantOf(row["held_from"]) ?? 0,
  }));
}

async function loadHanded(sql: SqlExecutor, at: Date, keys: readonly Key[]): Promise<Map<string, Handed[]>> {
  const { rows } = await sql.query(
    `SELECT n.rule_id, n.resource_id, n.cell_id, n.verdict, n.note, n.evidence_hash, coalesce(n.valid_from, $1) AS valid_from, n.valid_to
     FROM next n JOIN unnest($2::int[], $3::int[]) AS k (rule_id, resource_id) USING (rule_id, resource_id) ORDER BY valid_from`,
    [at, keys.map(({ rule }) => rule), keys.map(({ resource }) => resource)],
  );
  return grouped(rows, toHanded);
}

function grouped<T>(
  rows: readonly Record<string, unknown>[],
  toOne: (row: Record<string, unknown>) => T,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = `${Number(row["rule_id"])} ${Number(row["resource_id"])}`;
    const known = groups.get(name);
    if (known) known.push(toOne(row));
    else groups.set(name, [toOne(row)]);
  }
  return groups;
}

function toHanded(row: Record<string, unknown>): Handed {
  return {
    verdict: row["verdict"] as Verdict,
    note: row["note"] as string | null,
    evidence: row["evidence_hash"] as string | null,
    cell: Number(row["cell_id"]),
    from: instantOf(row["valid_from"]) ?? 0,
    to: instantOf(row["valid_to"]),
  };
}

function instantOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}

async function write(sql: SqlExecutor, at: Date, { retired, closed, added, counted }: Written): Promise<void> {
  await sql.query("UPDATE evaluation SET retired_at = $2 WHERE id = ANY($1::bigint[])", [retired, at]);
  await sql.query("UPDATE evaluation SET valid_to = $2 WHERE id = ANY($1::bigint[])", [closed, at]);
  await sql.query(
    `INSERT INTO evaluation (cell_id, resource_id, verdict, note, evidence_hash, valid_from, valid_to, held_from, recorded_at, is_first)
     SELECT *, $9::timestamptz, false FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
       $8::timestamptz[])`,
    [
      added.map(({ cell }) => cell),
      added.map(({ resource }) => resource),
      added.map(({ verdict }) => verdict),
      added.map(({ note }) => note),
      added.map(({ evidence }) => evidence),
      added.map(({ from }) => new Date(from)),
      added.map(({ to }) => (to === null ? null : new Date(to))),
      added.map(({ heldFrom }) => new Date(heldFrom)),
      at,
    ],
  );
  await sql.query("INSERT INTO counted SELECT $1, * FROM unnest($2::int[], $3::text[], $4::int[])", [
    at,
    counted.map(({ cell }) => cell),
    counted.map(({ verdict }) => verdict),
    counted.map(({ delta }) => delta),
  ]);
}
