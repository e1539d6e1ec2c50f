import { loadConfig } from "#lib/config.ts";
import type { Database } from "#lib/db/client.ts";
import { resolveHome } from "#lib/db/home.ts";
import { hasFileKey, openFileKey, signingKeyOf, type SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import type { KmsConnection, KmsKey } from "#lib/sources/aws/kms-key.ts";
import type { KmsSpec } from "#lib/sources/aws/kms-spec.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** What requests to KMS are counted under. No source's name has a dot. */
export const SIGNING_KEY = "signing.kms";
/** The public key of an alias is read again after this: it may have been given to another key. */
const KEPT_MS = 10 * 60_000;

type Kept = {
  settings: string;
  database: Database;
  connection: Promise<KmsConnection>;
  key: Promise<KmsKey> | null;
  until: number;
};
let kept: Kept | null = null;

/**
 * What this installation signs with: the key of `signing.kms`, otherwise its own.
 *
 * @throws AppError where the key cannot be used; nothing is signed with another one then.
 */
export async function openSigningKey({ database }: { database: Database }): Promise<SigningKey> {
  const kms = loadConfig().signing?.kms;
  if (kms === undefined) return openFileKey(resolveHome());
  const key = await keptKey(kms, database);
  return signingKeyOf(key.publicKey, (message) => key.sign(message));
}

/** In PEM, one after another: of the key that signs now, and of the installation's own where that may have signed before. */
export async function publicKeysOf(context: { database: Database }): Promise<string> {
  const now = await openSigningKey(context);
  const home = resolveHome();
  const own = hasFileKey(home) ? openFileKey(home) : now;
  return own.keyid === now.keyid ? now.publicPem : `${now.publicPem}${own.publicPem}`;
}

/** Whether the key of `signing.kms` can be used; null where none is configured. */
export async function checkSigningKey({ database }: { database: Database }): Promise<CheckResult[] | null> {
  const kms = loadConfig().signing?.kms;
  if (kms === undefined) return null;
  const { checkKmsKey } = await loadKms();
  return checkKmsKey(kms, gateOf(database), new AbortController().signal);
}

function gateOf(database: Database): RequestGate {
  return createRequestGate(database, {
    sourceKey: SIGNING_KEY,
    runId: null,
    monthlyCapUsd: null,
    now: () => new Date(),
  });
}

/** The SDK is loaded where a key lies in KMS, and nowhere else. */
const loadKms = () => import("#lib/sources/aws/kms-key.ts");

/** Pages ask for the public key, signed in or not, so that not each of them may ask KMS. What failed is asked again. */
async function keptKey(spec: KmsSpec, database: Database): Promise<KmsKey> {
  const settings = JSON.stringify(spec);
  if (kept?.settings !== settings || kept.database !== database) {
    if (kept !== null) forget(kept);
    const connection = loadKms().then(({ openKms }) => openKms(spec, gateOf(database), new AbortController().signal));
    kept = { settings, database, connection, key: null, until: 0 };
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
