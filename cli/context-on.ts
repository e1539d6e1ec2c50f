import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import type { ServiceContext } from "#lib/services/context.ts";

/** What a command of the command line does, it does as its user, now. */
export function contextOn(database: Database): ServiceContext {
  return { actor: COMMAND_LINE_ACTOR, database, now: new Date() };
}
