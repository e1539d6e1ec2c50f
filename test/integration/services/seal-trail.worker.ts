import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { openDatabase } from "#lib/db/client.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";

// A process that seals once, to be killed in the middle of it.
const database = openDatabase(process.env["DATABASE_URL"] ?? "");
await sealTrail({ actor: SYSTEM_ACTOR, database, now: new Date() });
await database.close();
