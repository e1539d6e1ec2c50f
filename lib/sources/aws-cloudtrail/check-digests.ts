import { createHash, createPublicKey, verify } from "node:crypto";
import { digestNameIn } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { cloudTrailDigest, type CloudTrailDigest } from "#lib/sources/aws-cloudtrail/api-types.ts";

/** A digest file as it lies in the bucket: its version, its bytes unpacked, and the signature from its metadata (`x-amz-meta-signature`, hex). */
export type DigestFile = { key: string; tag: string; content: Uint8Array; signature: string | null };

/** One way in which the chain of digests is broken; `key` names the digest that it is about. */
export type ChainDamage = {
  kind: "digest_unreadable" | "digest_signature" | "digest_missing" | "digest_changed" | "key_unknown";
  key: string;
  message: string;
};

/** A digest that was told to be missing or broken, and is now what the others say that it is. */
export type ChainRepair = { kind: "digest_late" | "digest_restored"; key: string };

/** What is known of a digest. `tag`, `hash`: its version and the SHA-256 of its content, null where it is not there. `followedAs`: its hash as its successor has it. */
export type DigestLink = { tag: string | null; hash: string | null; followedAs: string | null; isTold: boolean };
/** By what follows the prefix. */
export type DigestChain = Record<string, DigestLink>;

/** The public key (PKCS #1 DER) of a fingerprint, from cloudtrail:ListPublicKeys; undefined where there is none. */
export type PublicKeys = (fingerprint: string) => Uint8Array | undefined;

/**
 * Joins digest files to the chain of those that were read before, as AWS describes it (Custom implementations of CloudTrail log file integrity
 * validation): each is signed with SHA256withRSA over end time, object, hash of its content and the signature before it, and names the hash of the
 * one before it. They come in any order: one that is late closes the hole that was told.
 *
 * @param chain is changed.
 * @param files of one trail, account and region.
 * @param oldest of the trail's names, without the prefix: what lies before it was never looked at, so that it is not missing.
 * @returns `believed`: those whose signature fits and that their successor follows.
 */
export function joinDigests(
  chain: DigestChain,
  files: readonly DigestFile[],
  { publicKeys, prefix, oldest }: { publicKeys: PublicKeys; prefix: string; oldest: string },
): { damages: ChainDamage[]; repairs: ChainRepair[]; believed: CloudTrailDigest[] } {
  const damages: ChainDamage[] = [];
  const before = { ...chain };
  const signed = new Map<string, CloudTrailDigest>();
  for (const file of files) {
    const name = file.key.slice(prefix.length);
    const { followedAs = null, isTold = false } = chain[name] ?? {};
    chain[name] = { tag: file.tag, hash: sha256Hex(file.content), followedAs, isTold };
    const digest = parseDigest(file);
    const damage = digestDamage(file, digest, publicKeys);
    if (damage) damages.push(damage);
    else if (digest) signed.set(name, digest);
  }
  const touched = new Set(files.map(({ key }) => key.slice(prefix.length)));
  const followedFrom = new Map<string, string>();
  for (const digest of signed.values()) {
    const previous = digest.previousDigestS3Object;
    // The first digest of a trail, and the first after logging was switched on again, have none before them.
    if (!previous?.startsWith(prefix)) continue;
    const name = previous.slice(prefix.length);
    if (name < oldest) continue;
    chain[name] = {
      ...(chain[name] ?? { tag: null, hash: null, isTold: false }),
      followedAs: digest.previousDigestHashValue?.toLowerCase() ?? null,
    };
    touched.add(name);
    followedFrom.set(name, digest.digestStartTime);
  }
  damages.push(...linkDamages(chain, touched, { prefix, followedFrom }));
  const wrong = new Set(damages.map(({ key }) => key.slice(prefix.length)));
  for (const name of wrong) signed.delete(name);
  // One that was told stays told as long as it is the same.
  const told = damages.filter(({ key }) => {
    const name = key.slice(prefix.length);
    return !(before[name]?.isTold && before[name].tag === chain[name]?.tag);
  });
  const repairs: ChainRepair[] = [];
  for (const name of signed.keys())
    if (before[name]?.isTold)
      repairs.push({ kind: before[name].tag === null ? "digest_late" : "digest_restored", key: prefix + name });
  for (const name of touched) {
    const link = chain[name];
    if (link) chain[name] = { ...link, isTold: wrong.has(name) || (link.isTold && !signed.has(name)) };
  }
  return { damages: told, repairs, believed: [...signed.values()] };
}

/** What is wrong with a digest by itself. */
export function digestDamage(
  file: DigestFile,
  digest: CloudTrailDigest | null,
  publicKeys: PublicKeys,
): ChainDamage | null {
  const { key } = file;
  if (digest === null) return { kind: "digest_unreadable", key, message: `The digest ${key} cannot be read.` };
  const der = publicKeys(digest.digestPublicKeyFingerprint);
  if (!der) {
    const message = `AWS has no public key ${digest.digestPublicKeyFingerprint} for the digest ${key}.`;
    return { kind: "key_unknown", key, message };
  }
  const text = [
    digest.digestEndTime,
    `${digest.digestS3Bucket}/${digest.digestS3Object}`,
    sha256Hex(file.content),
    digest.previousDigestSignature ?? "null",
  ].join("\n");
  const publicKey = createPublicKey({ key: Buffer.from(der), format: "der", type: "pkcs1" });
  const isSigned =
    digest.digestS3Object === key &&
    file.signature !== null &&
    verify("RSA-SHA256", Buffer.from(text), publicKey, Buffer.from(file.signature, "hex"));
  return isSigned
    ? null
    : { kind: "digest_signature", key, message: `The signature of the digest ${key} does not fit.` };
}

export function parseDigest({ content }: Pick<DigestFile, "content">): CloudTrailDigest | null {
  try {
    return cloudTrailDigest.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content)));
  } catch {
    return null;
  }
}

/** Of these digests, those that are not there, and those that are not the ones that their successors follow. `followedFrom`: when a successor's time begins. */
function linkDamages(
  chain: DigestChain,
  names: ReadonlySet<string>,
  { prefix, followedFrom }: { prefix: string; followedFrom: ReadonlyMap<string, string> },
): ChainDamage[] {
  const damages: ChainDamage[] = [];
  for (const name of names) {
    const { tag, hash, followedAs } = chain[name] ?? {};
    const key = prefix + name;
    if (tag === null) {
      const last = lastBefore(chain, name);
      const until = followedFrom.get(name);
      const stretch = last && until ? ` Nothing shows what was delivered from ${last} to ${until}.` : "";
      const message = `Another digest follows ${key}, which is not there.${stretch}`;
      damages.push({ kind: "digest_missing", key, message });
    }
    if (tag !== null && typeof followedAs === "string" && followedAs !== hash)
      damages.push({
        kind: "digest_changed",
        key,
        message: `The digest ${key} is not the one that the next one follows.`,
      });
  }
  return damages;
}

/** When the last digest before this one ends that the trail has: others may be missing with it, which nobody names. */
function lastBefore(chain: DigestChain, name: string): string | null {
  const { trail } = digestNameIn(name) ?? {};
  const ends = Object.entries(chain)
    .filter(([other, { tag }]) => tag !== null && other < name)
    .map(([other]) => digestNameIn(other))
    .flatMap((other) => (other !== null && other.trail === trail && !other.isBackfill ? [other.endsAt] : []));
  return ends.toSorted().at(-1) ?? null;
}

function sha256Hex(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
