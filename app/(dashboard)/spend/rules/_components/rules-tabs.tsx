"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { PeriodView } from "#lib/services/periods/period-view.ts";
import type { PoolView, RuleView } from "#lib/services/rules/rule-view.ts";
import { Tabs } from "#app/_components/ui/tabs.tsx";
import { usePeriods, usePools, useRules } from "#app/_queries/rules.ts";
import { PeriodList } from "#app/(dashboard)/spend/rules/_components/period-list.tsx";
import { PoolList } from "#app/(dashboard)/spend/rules/_components/pool-list.tsx";
import { RuleList } from "#app/(dashboard)/spend/rules/_components/rule-list.tsx";

const ReallocationProgress = dynamic(() => import("#app/_components/rules/reallocation-progress.tsx").then((module) => module.ReallocationProgress), { ssr: false });

type RulesTabsProps = { rules: RuleView[]; pools: PoolView[]; periods: PeriodView[]; tab: string; canWrite: boolean; canClose: boolean };

export function RulesTabs(props: RulesTabsProps) {
  const router = useRouter();
  const rules = useRules(props.rules).data;
  const pools = usePools(props.pools).data ?? props.pools;
  const periods = usePeriods(props.periods).data;
  const [runIds, setRunIds] = useState<string[]>([]);
  return (
    <div className="mt-4 space-y-4">
      <ReallocationProgress runIds={runIds} />
      <Tabs
        label="Rules, pools and periods"
        value={props.tab}
        onChange={(tab) => router.push(tab === "rules" ? "/spend/rules" : `/spend/rules?tab=${tab}`, { scroll: false })}
        tabs={[
          { value: "rules", label: `Rules ${rules.length}`, content: <RuleList rules={rules} pools={pools} canWrite={props.canWrite} onStarted={setRunIds} /> },
          { value: "pools", label: `Shared pools ${pools.length}`, content: <PoolList pools={pools} rules={rules} canWrite={props.canWrite} onStarted={setRunIds} /> },
          { value: "periods", label: "Periods", content: <PeriodList periods={periods} canClose={props.canClose} onStarted={setRunIds} /> },
        ]}
      />
    </div>
  );
}
