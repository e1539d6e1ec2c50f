import { loadConfig } from "#lib/config.ts";
import { resolveHome } from "#lib/db/home.ts";
import { hasFileKey, openFileKey, signingKeyOf, type SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { checkKmsKey, openKms, type KmsConnection, type KmsKey } from "#lib/sources/aws/kms-key.ts";
import type { KmsSpec } from "#lib/sources/aws/kms-spec.ts";
import { openGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** The public key of an alias is read again after this: it may have been given to another key. */
const KEPT_MS = 10 * 60_000;

type Kept = { settings: string; connection: Promise<KmsConnection>; key: Promise<KmsKey> | null; until: number };
let kept: Kept | null = null;

/**
 * What this installation signs with: the key of `signing.kms`, otherwise its own.
 *
 * @throws AppError where the key cannot be used; nothing is signed with another one then.
 */
export async function openSigningKey(): Promise<SigningKey> {
  const kms = loadConfig().signing?.kms;
  if (kms === undefined) return openFileKey(resolveHome());
  const key = await keptKey(kms);
  return signingKeyOf(key.publicKey, (message) => key.sign(message));
}

/** In PEM, one after another: of the key that signs now, and of the installation's own where that may have signed before. */
export async function publicKeysOf(): Promise<string> {
  const now = await openSigningKey();
  const home = resolveHome();
  const own = hasFileKey(home) ? openFileKey(home) : now;
  return own.keyid === now.keyid ? now.publicPem : `${now.publicPem}${own.publicPem}`;
}

/** Whether the key of `signing.kms` can be used; null where none is configured. */
export function checkSigningKey(): Promise<CheckResult[]> | null {
  const kms = loadConfig().signing?.kms;
  return kms === undefined ? null : checkKmsKey(kms, openGate, new AbortController().signal);
}

/** Pages ask for the public key, signed in or not, so that not each of them may ask KMS. What failed is asked again. */
async function keptKey(spec: KmsSpec): Promise<KmsKey> {
  const settings = JSON.stringify(spec);
  if (kept?.settings !== settings) {
    void kept?.connection.then((connection) => connection.close());
    kept = { settings, connection: openKms(spec, openGate, new AbortController().signal), key: null, until: 0 };
  }
  const mine = kept;
  if (mine.key !== null && mine.until > performance.now()) return mine.key;
  const reading = mine.connection.then((connection) => connection.readKey());
  [mine.key, mine.until] = [reading, performance.now() + KEPT_MS];
  return reading.catch((thrown: unknown) => {
    if (mine.key === reading) mine.key = null;
    throw thrown;
  });
}
