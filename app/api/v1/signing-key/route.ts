import { respondError, respondJson } from "#lib/http/respond.ts";
import { readSigningKey } from "#lib/services/reports/read-signing-key.ts";
import { contextOfNobody } from "#app/_server/context.ts";

/** GET /api/v1/signing-key: the public key of this installation's bundles. It is for whoever checks one, signed in or not. */
export async function GET(): Promise<Response> {
  try {
    return respondJson(await readSigningKey(contextOfNobody()));
  } catch (thrown) {
    return respondError(thrown);
  }
}
