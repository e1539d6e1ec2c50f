import type { Metadata } from "next";
import { isAllowed } from "#lib/access/permissions.ts";
import { listPeriods } from "#lib/services/periods/list-periods.ts";
import { listPools, listRules } from "#lib/services/rules/list-rules.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { RulesTabs } from "#app/(dashboard)/spend/rules/_components/rules-tabs.tsx";
import { parseRulesParams } from "#app/(dashboard)/spend/rules/search-params.ts";

export const metadata: Metadata = { title: "Rules" };

export default async function RulesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/spend/rules", raw));
  const { tab } = parseRulesParams(raw);
  const answer = await attempt(async () => {
    const [rules, pools, periods] = await Promise.all([listRules(context), listPools(context), listPeriods(context)]);
    return { rules, pools, periods };
  });
  return (
    <>
      <h1 className="text-xl">Who gets which cost, in which order?</h1>
      <p className="mt-1 text-soft">
        Rules are tried from the top; the first that matches gives the cost to its owner. What no rule matches stays
        unallocated.
      </p>
      {answer.error === null ? (
        <RulesTabs
          {...answer.value}
          tab={tab}
          canWrite={isAllowed(context.actor, "rules:write")}
          canClose={isAllowed(context.actor, "periods:close")}
        />
      ) : (
        <div className="mt-4">
          <ErrorState error={answer.error} />
        </div>
      )}
    </>
  );
}
