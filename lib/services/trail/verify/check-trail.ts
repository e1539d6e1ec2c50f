import { createPublicKey, verify as verifySignature, type KeyObject } from "node:crypto";
import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { envelopeText, keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkStamps, type StampSummary } from "#lib/services/trail/heads/check-stamps.ts";
import type { KeptHead, KeptHeads } from "#lib/services/trail/heads/kept-heads.ts";
import { HEAD_TYPE } from "#lib/services/trail/heads/tree-head.ts";
import type { TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";
import { verifyTrail, type PublishedHead, type TrailVerdict } from "#lib/services/trail/verify/verify-trail.ts";

const envelope = z.object({
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).length(1),
});
const statement = z.object({
  predicateType: z.literal(HEAD_TYPE),
  predicate: z.object({ entries: z.int().positive() }),
  subject: z.array(z.object({ digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) })).length(1),
});

/** One is published every five minutes at the most, and may have been kept several times. */
const MOST_HEADS = 2_000_000;
/** Keys that an installation has had. */
const MOST_KEYS = 100;

/** `heads`: those that were compared. `stamps`: null where none came with them. */
export type CheckedTrail = TrailVerdict & { heads: number; stamps: StampSummary | null };

/**
 * The whole log against heads that were kept outside of the database, each signed with one of `publicKey` (PEM; several where the installation has
 * changed its key), and their time stamps against the certificates of `authority` (PEM), where that is given. A file that is no such head is
 * damage: anybody may have put it beside the others.
 *
 * @throws AppError "invalid_input" where a line is no head that one of these keys signed, or none of the files is.
 */
export async function checkTrail(
  context: ServiceContext,
  { kept, publicKey, authority = null }: { kept: KeptHeads; publicKey: string; authority?: string | null },
): Promise<CheckedTrail> {
  await authorise(context, "activity:read", "proof of the whole trail");
  const keys = new Map(publicKeysIn(publicKey).map((key) => [keyIdOf(key), key]));
  if (kept.heads.length > MOST_HEADS)
    throw new AppError("limit_reached", `There are more than ${MOST_HEADS.toLocaleString("en")} heads.`);
  const opened = kept.heads.map((head) => ({ ...head, published: openHead(head.text, keys) }));
  const heads = opened.flatMap(({ text, published }) => (published === null ? [] : [{ ...published, text }]));
  const foreign = opened.filter(({ published }) => published === null);
  const [first] = foreign.filter(({ place }) => heads.length === 0 || "line" in place);
  if (first !== undefined) noHead(first.place);
  const { damages: stampDamages, summary } = await checkStamps(heads, kept.stamps, authority);
  const verdict = await verifyTrail(context.database.pool, heads);
  const damages = [...foreign.map(({ place }) => foreignHead(place)), ...stampDamages, ...verdict.damages];
  return { ...verdict, damages, heads: heads.length, stamps: summary };
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

function foreignHead(place: KeptHead["place"]): TrailDamage {
  return { kind: "head", seq: null, message: `${placeWords(place)} is no head of a log that this key signed.` };
}

function placeWords(place: KeptHead["place"]): string {
  return "line" in place ? `Line ${place.line}` : `The file ${place.file}`;
}

function noHead(place: KeptHead["place"]): never {
  throw new AppError("invalid_input", `${placeWords(place)} is no head of a log that this key signed.`, {
    remedy: "Use what Bursar wrote as it is, and the key of the installation that wrote it.",
    place,
  });
}
