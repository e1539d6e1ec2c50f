import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readConsistencyProof } from "#lib/services/trail/heads/read-proof.ts";
import { answerRead } from "#app/_server/answer.ts";

const size = z.coerce.number().int().positive();
const SCHEMA = z.object({ from: size, to: size });

/** GET /api/v1/trail/consistency?from=…&to=…: what shows that the log only grew between two published heads. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { from, to } = readParams(new URL(request.url).searchParams, SCHEMA);
    return readConsistencyProof(context, from, to);
  });
}
