import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import { openDatabase } from "#lib/db/client.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";

// Makes one report in a process of its own, whose time zone and locale the caller has set.
const database = openDatabase(process.env["DATABASE_URL"] ?? "");
await makeReport({ actor: COMMAND_LINE_ACTOR, database, now: new Date() }, { reportId: process.argv[2] ?? "" });
await database.close();
