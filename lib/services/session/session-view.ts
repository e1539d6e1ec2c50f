import type { Actor, Role } from "#lib/access/actor.ts";

/** Somebody who may be chosen on the sign-in page of the demo. Empty outside it. */
export type SignInPerson = { mail: string; name: string; role: Role; teamName: string | null };

/** A new session. The token goes into the cookie and nowhere else; only its hash is stored. */
export type NewSession = { token: string; expiresAt: string; actor: Actor };
