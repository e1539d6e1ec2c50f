import type { Metadata } from "next";
import { isAllowed } from "#lib/access/permissions.ts";
import { readUnallocated } from "#lib/services/spend/read-unallocated.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import type { RawParams } from "#app/(dashboard)/spend/search-params.ts";
import { UnallocatedLists } from "#app/(dashboard)/spend/unallocated/_components/unallocated-lists.tsx";
import { parseUnallocatedParams } from "#app/(dashboard)/spend/unallocated/search-params.ts";

export const metadata: Metadata = { title: "Unallocated" };

export default async function UnallocatedPage({ searchParams }: { searchParams: Promise<RawParams> }) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/spend/unallocated", raw));
  const answer = await attempt(async () => {
    const asked = parseUnallocatedParams(raw, context.now);
    return { ...asked, views: await readUnallocated(context, asked.query) };
  });
  return (
    <>
      <h1 className="text-xl">
        Which cost{answer.error === null ? ` of ${periodWords(answer.value.state.period)}` : ""} has no owner?
      </h1>
      {answer.error === null ? (
        <UnallocatedLists
          state={answer.value.state}
          views={answer.value.views}
          canWrite={isAllowed(context.actor, "rules:write")}
        />
      ) : (
        <div className="mt-4">
          <ErrorState error={answer.error} />
        </div>
      )}
    </>
  );
}
