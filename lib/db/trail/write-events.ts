import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { pipeline } from "node:stream/promises";

/** A row of the table `event`, in the order of COLUMNS. */
export type EventRow = readonly (string | number | Date | Uint8Array | null)[];

const COLUMNS = `seq, occurred_at, received_at, source_key, event_key, actor, actor_kind, person, team_key, action, verb_class, resource,
  account_id, cluster_key, namespace, region, outcome, source_address, mfa, body, salt, terms`;

/** Appends rows by COPY. Their months have to be there. */
export async function writeEvents(sql: PoolClient, rows: readonly EventRow[]): Promise<void> {
  const target = sql.query(copyFrom(`COPY event (${COLUMNS}) FROM STDIN`));
  await pipeline(function* pieces() {
    let lines: string[] = [];
    let characters = 0;
    for (const row of rows) {
      const line = `${row.map(toField).join("\t")}\n`;
      lines.push(line);
      characters += line.length;
      if (characters < PIECE_CHARACTERS) continue;
      yield Buffer.from(lines.join(""));
      lines = [];
      characters = 0;
    }
    yield Buffer.from(lines.join(""));
  }, target);
}

/** Each piece is a write to the socket of its own, which costs more than a row does. */
const PIECE_CHARACTERS = 64 * 1024;

/** A value in COPY's text format. */
function toField(value: EventRow[number]): string {
  if (value === null) return "\\N";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number") return String(value);
  if (value instanceof Uint8Array)
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`;
  return !ESCAPED.test(value) ? value : value.replace(/[\\\t\n\r]/g, (sign) => ESCAPES[sign] ?? sign);
}

const ESCAPED = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
