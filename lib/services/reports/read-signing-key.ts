import { resolveHome } from "#lib/db/home.ts";
import { openSigningKey } from "#lib/reports/bundle/signing-key.ts";
import type { SigningKeyView } from "#lib/services/reports/report-view.ts";

/** The public key that bundles of this installation are signed with. It is no secret, and whoever checks a bundle need not be signed in. */
export function readSigningKey(): SigningKeyView {
  const { keyid, publicPem } = openSigningKey(resolveHome());
  return { keyid, algorithm: "Ed25519", publicKey: publicPem };
}
