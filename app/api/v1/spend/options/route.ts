import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readSpendOptions } from "#lib/services/spend/read-spend-options.ts";
import { isDimension, rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({
  dimension: z.string().refine(isDimension, "is not something that spend can be filtered by"),
  period: z.string(),
  asOf: z.iso.datetime({ offset: true }).optional(),
});

/** GET /api/v1/spend/options?dimension=team&period=2026-03: the values that a filter can take. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { dimension, period, asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    const range = rangeOfPeriod(period);
    return readSpendOptions(context, { dimension, ...range, asOf: asOf === undefined ? null : new Date(asOf) });
  });
}
