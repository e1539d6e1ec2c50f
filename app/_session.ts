import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Actor } from "#lib/access/actor.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readSession } from "#lib/services/session/read-session.ts";
import { contextFor, contextOfNobody } from "#app/_server/context.ts";

export const SESSION_COOKIE = "bursar-session";

/** Who is signed in on this request; null = nobody. Read once a request, however many panels ask. */
export const readActor: () => Promise<Actor | null> = cache(async () => {
  const token = (await cookies()).get(SESSION_COOKIE)?.value;
  return token === undefined ? null : readSession(contextOfNobody(), { token });
});

/** The guard of every page: the context to call services with, or a redirect to the sign-in page and back. */
export async function requireContext(path: string): Promise<ServiceContext> {
  const actor = await readActor();
  if (actor === null) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  return contextFor(actor);
}
