import type { Actor } from "#lib/access/actor.ts";
import { openDatabase, type Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";

/** Whoever has not signed in yet. Only the services of the session take it. */
const NOBODY: Actor = { id: "nobody", name: "Nobody", role: "member", teamKey: null };

// Pages and routes are bundled apart and each would hold a module of its own; the process has one pool all the same.
const PROCESS = globalThis as typeof globalThis & { bursarDatabase?: Database };

export function contextFor(actor: Actor): ServiceContext {
  return { actor, database: database(), now: new Date() };
}

export function contextOfNobody(): ServiceContext {
  return contextFor(NOBODY);
}

function database(): Database {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") {
    throw new AppError("invalid_config", "The web process was started without DATABASE_URL.", {
      remedy: "Start Bursar with npm start or npm run demo, which bring a database with them, or set DATABASE_URL.",
    });
  }
  PROCESS.bursarDatabase ??= openDatabase(url);
  return PROCESS.bursarDatabase;
}
