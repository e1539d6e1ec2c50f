"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import type { PeriodView } from "#lib/services/periods/period-view.ts";
import type { PoolView, RuleView } from "#lib/services/rules/rule-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { usePeriods, usePools, useRules } from "#app/_queries/rules.ts";
import { PeriodList } from "#app/(dashboard)/spend/rules/_components/period-list.tsx";
import { PoolList } from "#app/(dashboard)/spend/rules/_components/pool-list.tsx";
import { RuleList } from "#app/(dashboard)/spend/rules/_components/rule-list.tsx";

const ReallocationProgress = dynamic(
  () => import("#app/_components/rules/reallocation-progress.tsx").then((module) => module.ReallocationProgress),
  { ssr: false },
);

type RulesTabsProps = {
  rules: RuleView[];
  pools: PoolView[];
  periods: PeriodView[];
  tab: string;
  canWrite: boolean;
  canClose: boolean;
};

export function RulesTabs(props: RulesTabsProps) {
  const rules = useRules(props.rules).data;
  const pools = usePools(props.pools).data ?? props.pools;
  const periods = usePeriods(props.periods).data;
  const [runIds, setRunIds] = useState<string[]>([]);
  return (
    <div className="mt-4 space-y-4">
      <ReallocationProgress runIds={runIds} />
      <nav aria-label="Rules, pools and periods" className="flex gap-4 border-b border-line print:hidden">
        <TabLink href="/spend/rules" label={`Rules ${rules.length}`} isCurrent={props.tab === "rules"} />
        <TabLink
          href="/spend/rules?tab=pools"
          label={`Shared pools ${pools.length}`}
          isCurrent={props.tab === "pools"}
        />
        <TabLink href="/spend/rules?tab=periods" label="Periods" isCurrent={props.tab === "periods"} />
      </nav>
      {props.tab === "rules" ? (
        <RuleList rules={rules} pools={pools} canWrite={props.canWrite} onStarted={setRunIds} />
      ) : null}
      {props.tab === "pools" ? (
        <PoolList pools={pools} rules={rules} canWrite={props.canWrite} onStarted={setRunIds} />
      ) : null}
      {props.tab === "periods" ? (
        <PeriodList periods={periods} canClose={props.canClose} onStarted={setRunIds} />
      ) : null}
    </div>
  );
}

function TabLink({ href, label, isCurrent }: { href: string; label: string; isCurrent: boolean }) {
  return (
    <Link
      href={href}
      scroll={false}
      prefetch={false}
      aria-current={isCurrent ? "page" : undefined}
      className={classNames(
        "-mb-px flex h-8 items-center border-b-2",
        isCurrent ? "border-accent font-medium text-ink" : "border-transparent text-soft hover:text-ink",
      )}
    >
      {label}
    </Link>
  );
}
