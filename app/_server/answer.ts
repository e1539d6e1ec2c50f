import { AppError } from "#lib/errors.ts";
import { respondError, respondJson } from "#lib/http/respond.ts";
import { requireSameOrigin } from "#lib/http/same-origin.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { contextFor } from "#app/_server/context.ts";
import { readActor } from "#app/_session.ts";

/** Answers a read: guards, calls the handler, sends JSON or the Response that it made, translates what was thrown. */
export async function answerRead(handle: (context: ServiceContext) => Promise<unknown>): Promise<Response> {
  try {
    const result = await handle(await signedInContext());
    return result instanceof Response ? result : respondJson(result);
  } catch (thrown) {
    return respondError(thrown);
  }
}

/** The same for a write, which must have been asked for by a page of ours. */
export async function answerWrite(
  request: Request,
  handle: (context: ServiceContext) => Promise<unknown>,
): Promise<Response> {
  try {
    requireSameOrigin(request);
    const result = await handle(await signedInContext());
    return result instanceof Response ? result : respondJson(result ?? {});
  } catch (thrown) {
    return respondError(thrown);
  }
}

async function signedInContext(): Promise<ServiceContext> {
  const actor = await readActor();
  if (actor === null) {
    throw new AppError("unauthenticated", "Nobody is signed in.", { remedy: "Sign in and try again." });
  }
  return contextFor(actor);
}
