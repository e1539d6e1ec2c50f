import { useMutation } from "@tanstack/react-query";
import { sendJson } from "#app/_queries/fetch-json.ts";

type BudgetInput = { currency: string; /** Null = none from then on. */ amount: string | null; from: string };

/** Sets what a team means to spend a month in a currency. */
export function useSetBudget(teamKey: string) {
  return useMutation({
    mutationFn: (input: BudgetInput) =>
      sendJson<{ budgetId: number }>("POST", `/api/v1/teams/${encodeURIComponent(teamKey)}/budget`, input),
  });
}
