import { publishHead } from "#lib/services/trail/heads/publish-head.ts";
import { readHeads } from "#lib/services/trail/heads/read-heads.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

/** GET /api/v1/trail/heads: what was published of the log, and where it is kept. */
export function GET(): Promise<Response> {
  return answerRead((context) => readHeads(context));
}

/** POST /api/v1/trail/heads: publishes the log's head now, and writes outside of the database what is not there yet. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, (context) => publishHead(context));
}
