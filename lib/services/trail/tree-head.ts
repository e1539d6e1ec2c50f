import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { envelopeText } from "#lib/reports/bundle/verify-bundle.mjs";

export const HEAD_TYPE = "urn:bursar:tree-head:1";

export type TreeHead = { size: number; root: string; at: Date };

/** The head as an in-toto statement in a DSSE envelope: the same shape, and the same way to check it, as a bundle's manifest. */
export function headStatement(head: TreeHead, key: SigningKey): { envelope: string; signature: string } {
  const statement = statementOf(head);
  const signature = key.sign(statement);
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
