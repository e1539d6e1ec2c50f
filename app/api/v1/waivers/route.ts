import { z } from "zod";
import { WAIVER_STATES } from "#lib/domain/posture/waiver.ts";
import { readJson, readParams } from "#lib/http/read-input.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";
import { requestWaiver } from "#lib/services/waivers/request-waiver.ts";
import { answerRead, answerWrite } from "#app/_server/answer.ts";

const states = z.enum(WAIVER_STATES);
const SCHEMA = z.object({
  state: z
    .union([states.transform((one) => [one]), z.array(states)])
    .optional()
    .default([]),
  rule: z.string().max(300).optional(),
  asOf: z.iso.datetime({ offset: true }).optional(),
});

/** GET /api/v1/waivers?state=ending&rule=…&asOf=…: accepted risks, and those that wait for a decision. */
export function GET(request: Request): Promise<Response> {
  return answerRead((context) => {
    const { state, rule, asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return listWaivers(context, {
      states: state,
      ruleKey: rule ?? null,
      asOf: asOf === undefined ? null : new Date(asOf),
    });
  });
}

/** POST /api/v1/waivers: asks that failures be accepted until a day. */
export function POST(request: Request): Promise<Response> {
  return answerWrite(request, async (context) => requestWaiver(context, await readJson(request)));
}
