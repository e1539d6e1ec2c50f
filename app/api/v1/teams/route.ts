import { listTeams } from "#lib/services/directory/list-teams.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/teams: the directory's teams of today. */
export function GET(): Promise<Response> {
  return answerRead((context) => listTeams(context));
}
