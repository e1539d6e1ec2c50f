import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readEntryProof } from "#lib/services/trail/heads/read-proof.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  entry: z.coerce.number().int().nonnegative(),
  size: z.coerce.number().int().positive().nullable().default(null),
});

/** GET /api/v1/trail/proof?entry=…&size=…: what shows that an entry is in the log of a published head. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { entry, size } = readParams(new URL(request.url).searchParams, SCHEMA);
    return readEntryProof(context, entry, size);
  });
}
