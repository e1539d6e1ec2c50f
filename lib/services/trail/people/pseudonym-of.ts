import { createHmac, randomBytes } from "node:crypto";
import { resolveHome } from "#lib/db/home.ts";
import { openSecretFile } from "#lib/reports/bundle/secret-file.ts";

const FILE = "pseudonym-key";
const KEY_BYTES = 32;
const DIGITS = 12;

/**
 * The pseudonym of a person: the same for the same mail, so that what one person did can still be read together. Nothing is kept that leads
 * back; who has the key of this installation can find out whether a pseudonym is a certain person's, and nobody else can.
 */
export function pseudonymOf(mail: string): string {
  const { content } = openSecretFile(resolveHome(), FILE, () => randomBytes(KEY_BYTES));
  return `person-${createHmac("sha256", content).update(mail.toLowerCase()).digest("hex").slice(0, DIGITS)}`;
}
