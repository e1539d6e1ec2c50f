import { createHash, createPublicKey, verify } from "node:crypto";
import { cloudTrailDigest, type CloudTrailDigest } from "#lib/sources/aws-cloudtrail/api-types.ts";

/** A digest file as it lies in the bucket: its bytes unpacked, and the signature from its metadata (`x-amz-meta-signature`, hex). */
export type DigestFile = { key: string; content: Uint8Array; signature: string | null };

/** One way in which the chain of digests is broken; `key` names the object that it is about. */
export type ChainDamage = {
  kind:
    | "digest_unreadable"
    | "digest_signature"
    | "digest_missing"
    | "digest_changed"
    | "file_missing"
    | "file_changed"
    | "key_unknown";
  key: string;
  message: string;
};

/** The public key (PKCS #1 DER) of a fingerprint, from cloudtrail:ListPublicKeys; undefined where there is none. */
export type PublicKeys = (fingerprint: string) => Uint8Array | undefined;

/**
 * Checks a chain of digest files as AWS describes it (Custom implementations of CloudTrail log file integrity validation): each is signed with
 * SHA256withRSA over end time, object, hash of its content and the signature before it, and names the hash of the one before it.
 *
 * @param digests of one trail, account and region, oldest first.
 * @param hashOf SHA-256 in hex of a log file, unpacked; null where it is not there. Null instead of it: files are not looked at.
 */
export function checkDigests(
  digests: readonly DigestFile[],
  publicKeys: PublicKeys,
  hashOf: ((key: string) => string | null) | null,
): ChainDamage[] {
  const damages: ChainDamage[] = [];
  let before: DigestFile | null = null;
  for (const file of digests) {
    const digest = parseDigest(file);
    if (digest === null) {
      damages.push({ kind: "digest_unreadable", key: file.key, message: `The digest ${file.key} cannot be read.` });
      before = file;
      continue;
    }
    damages.push(...signatureDamages(file, digest, publicKeys));
    damages.push(...linkDamages(file, digest, before));
    for (const { s3Object, hashValue } of hashOf === null ? [] : digest.logFiles) {
      const hash = hashOf?.(s3Object) ?? null;
      if (hash === null)
        damages.push({
          kind: "file_missing",
          key: s3Object,
          message: `${s3Object} is in the digest and not in the bucket.`,
        });
      else if (hash !== hashValue)
        damages.push({ kind: "file_changed", key: s3Object, message: `${s3Object} is not what CloudTrail delivered.` });
    }
    before = file;
  }
  return damages;
}

export function parseDigest({ content }: DigestFile): CloudTrailDigest | null {
  try {
    return cloudTrailDigest.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content)));
  } catch {
    return null;
  }
}

function signatureDamages(file: DigestFile, digest: CloudTrailDigest, publicKeys: PublicKeys): ChainDamage[] {
  const der = publicKeys(digest.digestPublicKeyFingerprint);
  if (!der)
    return [
      {
        kind: "key_unknown",
        key: file.key,
        message: `AWS has no public key ${digest.digestPublicKeyFingerprint} for the digest ${file.key}.`,
      },
    ];
  const text = [
    digest.digestEndTime,
    `${digest.digestS3Bucket}/${digest.digestS3Object}`,
    sha256Hex(file.content),
    digest.previousDigestSignature ?? "null",
  ].join("\n");
  const key = createPublicKey({ key: Buffer.from(der), format: "der", type: "pkcs1" });
  const isSigned =
    digest.digestS3Object === file.key &&
    file.signature !== null &&
    verify("RSA-SHA256", Buffer.from(text), key, Buffer.from(file.signature, "hex"));
  if (isSigned) return [];
  return [
    { kind: "digest_signature", key: file.key, message: `The signature of the digest ${file.key} does not fit.` },
  ];
}

function linkDamages(file: DigestFile, digest: CloudTrailDigest, before: DigestFile | null): ChainDamage[] {
  // The first digest of a trail, and the first after logging was switched on again, have none before them.
  if (before === null || !digest.previousDigestS3Object) return [];
  if (digest.previousDigestS3Object !== before.key)
    return [
      {
        kind: "digest_missing",
        key: digest.previousDigestS3Object,
        message: `${file.key} follows ${digest.previousDigestS3Object}, which is not there.`,
      },
    ];
  if (digest.previousDigestHashValue === sha256Hex(before.content)) return [];
  return [
    {
      kind: "digest_changed",
      key: before.key,
      message: `The digest ${before.key} is not the one that ${file.key} follows.`,
    },
  ];
}

function sha256Hex(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
