import { createPublicKey, verify as verifySignature, type KeyObject } from "node:crypto";
import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { envelopeText, keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { HEAD_TYPE } from "#lib/services/trail/tree-head.ts";
import { verifyTrail, type PublishedHead, type TrailVerdict } from "#lib/services/trail/verify-trail.ts";

const envelope = z.object({
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).length(1),
});
const statement = z.object({
  predicateType: z.literal(HEAD_TYPE),
  predicate: z.object({ entries: z.int().positive() }),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) })).length(1),
});

/** Heads of one file: one is published every five minutes at the most. */
const MOST_HEADS = 2_000_000;
/** Keys that an installation has had. */
const MOST_KEYS = 100;

/**
 * The whole log against heads that were kept outside of the database: `heads` are the lines of `trail/heads.jsonl`, each signed with one of
 * `publicKey` (PEM; several where the installation has changed its key).
 *
 * @throws AppError "invalid_input" where a line is no head that one of these keys signed.
 */
export async function checkTrail(
  context: ServiceContext,
  { heads, publicKey }: { heads: string; publicKey: string },
): Promise<TrailVerdict & { heads: number }> {
  await authorise(context, "activity:read", "proof of the whole trail");
  const keys = new Map(publicKeysIn(publicKey).map((key) => [keyIdOf(key), key]));
  const lines = heads.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > MOST_HEADS)
    throw new AppError("limit_reached", `The file has more than ${MOST_HEADS.toLocaleString("en")} heads.`);
  const published = lines.map((line, index) => openHead(line, keys) ?? noHead(index + 1));
  return { ...(await verifyTrail(context.database.pool, published)), heads: published.length };
}

function publicKeysIn(text: string): KeyObject[] {
  const each = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g);
  return (each ?? [text]).slice(0, MOST_KEYS).map((pem) => createPublicKey(pem));
}

function openHead(line: string, keys: ReadonlyMap<string, KeyObject>): PublishedHead | null {
  const opened = envelope.safeParse(jsonOf(line));
  if (!opened.success) return null;
  const payload = Buffer.from(opened.data.payload, "base64");
  const signature = Buffer.from(opened.data.signatures[0]?.sig ?? "", "base64");
  const key = keys.get(opened.data.signatures[0]?.keyid ?? "");
  if (key === undefined) return null;
  if (!verifySignature(null, signedBytes(payload), key, signature)) return null;
  if (line !== envelopeText(payload, keyIdOf(key), signature)) return null;
  const parsed = statement.safeParse(jsonOf(payload.toString("utf8")));
  if (!parsed.success) return null;
  return { size: parsed.data.predicate.entries, root: parsed.data.subject[0]?.digest.sha256 ?? "" };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function noHead(line: number): never {
  throw new AppError("invalid_input", `Line ${line} is no head of a log that this key signed.`, {
    remedy: "Use the file as Bursar wrote it, and the key of the installation that wrote it.",
    place: { line },
  });
}
