import { readJson } from "#lib/http/read-input.ts";
import { pseudonymisePerson } from "#lib/services/trail/people/pseudonymise-person.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/trail/pseudonyms: orders a pseudonym, or goes on with an order. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => pseudonymisePerson(context, await readJson(request)));
}
