import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors.ts";
import { keyIdOf, signedBytes } from "#lib/reports/bundle/verify-bundle.mjs";

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
  const folder = join(home, "secrets");
  const path = join(folder, FILE);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(path, { throwIfNoEntry: false }) === undefined) makeKey(folder, path);
  if ((statSync(path).mode & 0o077) !== 0)
    throw new AppError("invalid_config", `Others than its owner may read the signing key ${path}.`, {
      remedy: "Set its mode to 0600, and make a new key where somebody may have read it.",
      place: { file: path },
    });
  const key = readKey(path);
  const publicKey = createPublicKey(key);
  return {
    keyid: keyIdOf(publicKey),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    sign: (manifest) => sign(null, signedBytes(manifest), key),
  };
}

/** A link to a finished draft either takes the name or finds it taken: nobody ever reads half a key, and the first one stays. */
function makeKey(folder: string, path: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = join(folder, `.${FILE}.${process.pid}`);
  writeFileSync(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (thrown) {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) throw thrown;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readKey(path: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(path));
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
