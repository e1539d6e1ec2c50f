import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors.ts";
import { keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";
import { openSecretFile } from "#lib/reports/bundle/secret-file.ts";

/** What bundles and heads are signed with: an Ed25519 key. `sign` answers the 64 bytes for a DSSE payload. */
export type SigningKey = { keyid: string; publicPem: string; sign(payload: Buffer): Promise<Buffer> };

const FILE = "signing-key.pem";

/**
 * The installation's own key, in `<home>/secrets`, made when it is first asked for. Two processes that make it at the same time end
 * up with one.
 *
 * @throws AppError "invalid_config" where others than its owner may read the file, or where it holds something else.
 */
export function openFileKey(home: string): SigningKey {
  const { path, content } = openSecretFile(home, FILE, makeKey);
  const key = readKey(path, content);
  return signingKeyOf(createPublicKey(key), (message) => Promise.resolve(sign(null, message, key)));
}

/** Whether the installation has a key of its own: one that signs elsewhere may have signed with it before. */
export function hasFileKey(home: string): boolean {
  return existsSync(join(home, "secrets", FILE));
}

/** A key by its public half and by what signs a message, wherever that is. */
export function signingKeyOf(publicKey: KeyObject, signMessage: (message: Buffer) => Promise<Buffer>): SigningKey {
  return {
    keyid: keyIdOf(publicKey),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (payload) => signMessage(signedBytes(payload)),
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
