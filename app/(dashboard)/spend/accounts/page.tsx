import type { Metadata } from "next";
import { Suspense } from "react";
import { readSpendSettings } from "#lib/services/spend/read-spend-settings.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { AccountsSkeleton } from "#app/(dashboard)/spend/accounts/_components/accounts-skeleton.tsx";
import { QuestionLine } from "#app/(dashboard)/spend/accounts/_components/question-line.tsx";
import { AccountsPanel } from "#app/(dashboard)/spend/accounts/_panels/accounts-panel.tsx";
import { parseAccountsState } from "#app/(dashboard)/spend/accounts/search-params.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import type { RawParams } from "#app/(dashboard)/spend/search-params.ts";

export const metadata: Metadata = { title: "Accounts" };

export default async function AccountsPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/spend/accounts", raw));
  const asked = await attempt(async () => ({
    state: parseAccountsState(raw, context.now),
    settings: await readSpendSettings(context),
  }));
  if (asked.error !== null) {
    return (
      <>
        <h1 className="text-xl">Accounts</h1>
        <div className="mt-4">
          <ErrorState error={asked.error} />
        </div>
      </>
    );
  }
  const { state, settings } = asked.value;
  const whose = context.actor.role === "member" ? "each account of your team" : "each account";
  return (
    <>
      <h1 className="text-xl">
        What {whose} spends in {periodWords(state.spend.period)}, whose it is, and whether it should still be there
      </h1>
      <QuestionLine state={state} reportingCurrency={settings.reportingCurrency} />
      <Suspense fallback={<AccountsSkeleton />}>
        <AccountsPanel context={context} state={state} />
      </Suspense>
    </>
  );
}
