import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { envelopeText } from "#lib/reports/bundle/verify-bundle.mjs";

export const HEAD_TYPE = "urn:bursar:tree-head:1";

export type TreeHead = { size: number; root: string; at: Date };

/** The head as an in-toto statement in a DSSE envelope: signed, and checked, as a bundle is. It is short enough for every key. */
export async function headStatement(head: TreeHead, key: SigningKey): Promise<{ envelope: string; signature: string }> {
  const statement = statementOf(head);
  const signature = await key.sign(statement);
  return { envelope: envelopeText(statement, key.keyid, signature), signature: signature.toString("base64") };
}

/** The envelope of a head that was signed before, byte for byte. `signature` in base64. */
export function headEnvelope(head: TreeHead, keyId: string, signature: string): string {
  return envelopeText(statementOf(head), keyId, Buffer.from(signature, "base64"));
}

function statementOf({ size, root, at }: TreeHead): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v1",
      predicate: { at: at.toISOString(), entries: size, hash: "RFC 6962, SHA-256" },
      predicateType: HEAD_TYPE,
      subject: [{ digest: { sha256: root }, name: "log" }],
    }),
  );
}
