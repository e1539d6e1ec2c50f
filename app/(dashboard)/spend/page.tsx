import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { isAllowed } from "#lib/access/permissions.ts";
import { readSpendSettings } from "#lib/services/spend/read-spend-settings.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { FilterLine } from "#app/(dashboard)/spend/_components/filter-line.tsx";
import { SpendSheet } from "#app/(dashboard)/spend/_components/spend-sheet-loader.tsx";
import { SpendPanel } from "#app/(dashboard)/spend/_panels/spend-panel.tsx";
import { SpendSkeleton } from "#app/(dashboard)/spend/_components/spend-skeleton.tsx";
import { parseSpendState, type RawParams } from "#app/(dashboard)/spend/search-params.ts";
import { questionWords } from "#app/(dashboard)/spend/question-words.ts";

export const metadata: Metadata = { title: "Spend" };

export default async function SpendPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/spend", raw));
  const asked = await attempt(async () => ({
    state: parseSpendState(raw, context.now),
    settings: await readSpendSettings(context),
  }));
  if (asked.error !== null) {
    return (
      <>
        <h1 className="text-xl">Spend</h1>
        <div className="mt-4">
          <ErrorState error={asked.error} />
        </div>
      </>
    );
  }
  const { state, settings } = asked.value;
  const teamsHref = state.asOf === null ? "/teams" : `/teams?asOf=${encodeURIComponent(state.asOf)}`;
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-4">
        <h1 className="text-xl">{questionWords(state, context.actor.role === "member")}</h1>
        {isAllowed(context.actor, "sprawl:read") ? (
          <Link href={teamsHref} prefetch={false} className="link text-xs print:hidden">
            All teams
          </Link>
        ) : null}
      </div>
      <FilterLine state={state} settings={settings} isMember={context.actor.role === "member"} />
      <Suspense fallback={<SpendSkeleton />}>
        <SpendPanel context={context} state={state} canExport={isAllowed(context.actor, "spend:export")} />
      </Suspense>
      {state.sheet === null ? null : <SpendSheet state={state} sheet={state.sheet} />}
    </>
  );
}
