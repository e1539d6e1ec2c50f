import { respondError, respondJson } from "#lib/http/respond.ts";
import { readHealth } from "#lib/services/session/read-health.ts";
import { contextOfNobody } from "#app/_server/context.ts";

/** GET /api/v1/health: 200 where the database answers. Needs no sign-in and tells nothing else. */
export async function GET(): Promise<Response> {
  try {
    return respondJson(await readHealth(contextOfNobody()));
  } catch (thrown) {
    return respondError(thrown);
  }
}
