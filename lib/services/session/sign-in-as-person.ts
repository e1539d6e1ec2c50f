import type { Database } from "#lib/db/client.ts";
import type { Role } from "#lib/access/actor.ts";
import { AppError } from "#lib/errors.ts";
import { listSignInPeople } from "#lib/services/session/list-sign-in-people.ts";
import { startSession } from "#lib/services/session/session-token.ts";
import type { NewSession } from "#lib/services/session/session-view.ts";

/** The demo's way in: choosing one of the people who are offered. Nobody is offered outside the demo, so that it is refused there. */
export async function signInAsPerson(
  context: { database: Database; now: Date },
  input: { mail: string },
): Promise<NewSession> {
  const offered = (await listSignInPeople(context)).find((person) => person.mail === input.mail);
  if (!offered)
    throw new AppError("forbidden", "Nobody with this mail can be chosen here.", {
      remedy: "Use the sign-in that your administrator has set up.",
    });
  const { rows } = await context.database.pool.query<{ name: string; role: Role; team_key: string }>(
    "SELECT name, role, team_key FROM person WHERE mail = $1 AND (active_to IS NULL OR active_to > $2::date) ORDER BY active_from DESC NULLS LAST LIMIT 1",
    [input.mail, context.now.toISOString().slice(0, 10)],
  );
  const person = rows[0];
  if (!person) throw new AppError("forbidden", "This person is no longer in the directory.");
  const actor = {
    id: input.mail,
    name: person.name,
    role: person.role,
    teamKey: person.role === "member" ? person.team_key : null,
  };
  return context.database.transact(({ sql }) => startSession(sql, actor, context.now));
}
