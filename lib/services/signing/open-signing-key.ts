import { loadConfig } from "#lib/config.ts";
import { resolveHome } from "#lib/db/home.ts";
import { hasFileKey, openFileKey, signingKeyOf, type SigningKey } from "#lib/reports/bundle/signing-key.ts";
import type { KmsConnection, KmsKey } from "#lib/sources/aws/kms-key.ts";
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
export async function checkSigningKey(): Promise<CheckResult[] | null> {
  const kms = loadConfig().signing?.kms;
  if (kms === undefined) return null;
  const { checkKmsKey } = await loadKms();
  return checkKmsKey(kms, openGate, new AbortController().signal);
}

/** The SDK is loaded where a key lies in KMS, and nowhere else. */
const loadKms = () => import("#lib/sources/aws/kms-key.ts");

/** Pages ask for the public key, signed in or not, so that not each of them may ask KMS. What failed is asked again. */
async function keptKey(spec: KmsSpec): Promise<KmsKey> {
  const settings = JSON.stringify(spec);
  if (kept?.settings !== settings) {
    if (kept !== null) forget(kept);
    const connection = loadKms().then(({ openKms }) => openKms(spec, openGate, new AbortController().signal));
    kept = { settings, connection, key: null, until: 0 };
  }
  const mine = kept;
  if (mine.key !== null && mine.until > performance.now()) return mine.key;
  const reading = mine.connection.then((connection) => connection.readKey());
  [mine.key, mine.until] = [reading, performance.now() + KEPT_MS];
  return reading.catch((thrown: unknown) => {
    if (kept === mine && mine.key === reading) forget(mine);
    throw thrown;
  });
}

function forget(one: Kept): void {
  if (kept === one) kept = null;
  // What could not even be opened has nothing to close, and whoever waits for it is told.
  one.connection.then(
    (connection) => connection.close(),
    () => {},
  );
}
