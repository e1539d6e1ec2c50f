import type { Database } from "#lib/db/client.ts";
import type { SigningKeyView } from "#lib/services/reports/report-view.ts";
import { openSigningKey } from "#lib/services/signing/open-signing-key.ts";

/** The public key that bundles of this installation are signed with. It is no secret, and whoever checks a bundle need not be signed in. */
export async function readSigningKey(context: { database: Database }): Promise<SigningKeyView> {
  const { keyid, publicPem } = await openSigningKey(context);
  return { keyid, algorithm: "Ed25519", publicKey: publicPem };
}
