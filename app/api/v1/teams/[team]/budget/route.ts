import { AppError } from "#lib/errors.ts";
import { readJson } from "#lib/http/read-input.ts";
import { setBudget } from "#lib/services/budgets/set-budget.ts";
import { answerWrite } from "#app/_server/answer.ts";

/** POST /api/v1/teams/:team/budget: what it means to spend a month in a currency, from a month on. */
export function POST(request: Request, { params }: { params: Promise<{ team: string }> }): Promise<Response> {
  return answerWrite(request, async (context) => {
    const draft = await readJson(request);
    if (typeof draft !== "object" || draft === null) throw new AppError("invalid_input", "The budget is no object.");
    return setBudget(context, { ...draft, teamKey: (await params).team });
  });
}
