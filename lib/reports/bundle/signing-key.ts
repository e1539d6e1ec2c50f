import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { AppError } from "#lib/errors.ts";
import { keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";
import { openSecretFile } from "#lib/reports/bundle/secret-file.ts";

/** The Ed25519 key of this installation. */
export type SigningKey = { keyid: string; publicPem: string; sign(manifest: Buffer): Buffer };

const FILE = "signing-key.pem";

/**
 * The key that bundles are signed with, in `<home>/secrets`, made when it is first asked for. Two processes that make it at the same time end
 * up with one.
 *
 * @throws AppError "invalid_config" where others than its owner may read the file, or where it holds something else.
 */
export function openSigningKey(home: string): SigningKey {
  const { path, content } = openSecretFile(home, FILE, makeKey);
  const key = readKey(path, content);
  const publicKey = createPublicKey(key);
  return {
    keyid: keyIdOf(publicKey),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (manifest) => sign(null, signedBytes(manifest), key),
  };
}

function makeKey(): string | Buffer {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
}

function readKey(path: string, content: Buffer): KeyObject {
  try {
    const key = createPrivateKey(content);
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new TypeError(`It is a key of the kind ${key.asymmetricKeyType}.`);
  } catch (thrown) {
    throw new AppError("invalid_config", `The signing key ${path} cannot be used.`, {
      remedy: "It must be an Ed25519 key in PKCS 8 PEM. Without the file a new key is made.",
      place: { file: path },
      cause: thrown,
    });
  }
}
