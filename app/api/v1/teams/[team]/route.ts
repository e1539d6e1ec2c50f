import { paramsToRecord } from "#lib/http/read-input.ts";
import { periodOf } from "#lib/domain/period.ts";
import { readTeam } from "#lib/services/teams/read-team.ts";
import { rangeOfPeriod } from "#app/(dashboard)/spend/search-params.ts";
import { parseBillState } from "#app/(dashboard)/sprawl/bill-params.ts";
import { PAGE_ROWS } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { answerRead } from "#app/_server/answer.ts";

/** GET /api/v1/teams/:team?period=2026-10: everything that a team owns and spends. */
export function GET(request: Request, { params }: { params: Promise<{ team: string }> }): Promise<Response> {
  return answerRead(async (context) => {
    const { period, offset, asOf } = parseBillState(paramsToRecord(new URL(request.url).searchParams));
    return readTeam(context, {
      teamKey: (await params).team,
      ...rangeOfPeriod(period ?? periodOf(context.now)),
      offset,
      limit: PAGE_ROWS,
      asOf: asOf === null ? null : new Date(asOf),
    });
  });
}
