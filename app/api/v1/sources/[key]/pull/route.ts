import { z } from "zod";
import { readBody } from "#lib/http/read-input.ts";
import { requestPull } from "#lib/services/sources/request-pull.ts";
import { answerWrite } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  period: z
    .string()
    .regex(/^\d{4}-\d{2}$|^all$/)
    .nullable()
    .default(null),
});

/** POST /api/v1/sources/:key/pull { period }: asks for a pull; null = every period that may have changed. */
export function POST(request: Request, { params }: { params: Promise<{ key: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => {
    const { key } = await params;
    const { period } = await readBody(request, SCHEMA);
    return requestPull(context, { sourceKey: decodeURIComponent(key), period });
  });
}
