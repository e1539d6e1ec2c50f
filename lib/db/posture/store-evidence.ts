import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { SqlExecutor } from "#lib/db/activity.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Texts of so many characters are not packed: it would make them a third smaller, and cost more than all else that is done with them. */
const SMALL_TEXT = 600;
/** With which a packed body begins. JSON begins with neither. */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** SHA-256 in hex of a canonical JSON text. */
export function evidenceHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Keeps texts by their hashes; those that are there already are not packed again. */
export async function storeEvidence(sql: SqlExecutor, texts: ReadonlyMap<string, string>): Promise<void> {
  const { rows } = await sql.query(
    "SELECT hash FROM unnest($1::text[]) hash WHERE NOT EXISTS (SELECT FROM evidence e WHERE e.hash = hash.hash)",
    [[...texts.keys()]],
  );
  const hashes = rows.map(({ hash }) => String(hash));
  const bodies = await Promise.all(hashes.map((hash) => pack(texts.get(hash) ?? "")));
  await sql.query(
    "INSERT INTO evidence (hash, body) SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING",
    [hashes, bodies],
  );
}

async function pack(text: string): Promise<Buffer> {
  return text.length <= SMALL_TEXT ? Buffer.from(text) : compress(text);
}

/** The canonical JSON text of a hash; null where nothing is kept of it. */
export async function loadEvidence(sql: SqlExecutor, hash: string): Promise<string | null> {
  const { rows } = await sql.query("SELECT body FROM evidence WHERE hash = $1", [hash]);
  const body = rows[0]?.["body"];
  return body instanceof Uint8Array ? (await unpackEvidence(body)).toString("utf8") : null;
}

/** The canonical JSON of a stored body. */
export async function unpackEvidence(body: Uint8Array): Promise<Buffer> {
  const isPacked = GZIP_MAGIC.every((byte, index) => body[index] === byte);
  return isPacked ? decompress(body) : Buffer.from(body);
}
