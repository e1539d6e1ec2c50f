"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import type { PoolView, RuleView } from "#lib/services/rules/rule-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/states.tsx";

const PoolDialog = dynamic(
  () => import("#app/(dashboard)/spend/rules/_components/pool-dialog.tsx").then((module) => module.PoolDialog),
  { ssr: false },
);

const METHODS: Record<PoolView["method"], string> = {
  even: "Evenly",
  proportional: "In proportion to direct cost",
  fixed: "By fixed weights",
};

/** The shared pools, how each is split, and which rules feed it. */
export function PoolList({
  pools,
  rules,
  canWrite,
  onStarted,
}: {
  pools: PoolView[];
  rules: RuleView[];
  canWrite: boolean;
  onStarted: (runIds: string[]) => void;
}) {
  const [edited, setEdited] = useState<PoolView | "new" | null>(null);
  return (
    <div className="space-y-3">
      {canWrite ? <Button onClick={() => setEdited("new")}>New pool</Button> : null}
      {pools.length === 0 ? (
        <EmptyState title="There is no shared pool.">
          A pool collects what several teams use together, such as support fees, and splits it among them.
        </EmptyState>
      ) : null}
      <ul className="divide-y divide-line">
        {pools.map((pool) => {
          const members = Object.keys(pool.weights);
          const feeding = rules.filter(({ target }) => target.kind === "pool" && target.pool === pool.key);
          return (
            <li key={pool.key} className="flex flex-wrap items-baseline gap-x-6 gap-y-1 py-2">
              <span className="w-48 font-medium">{pool.name}</span>
              <span className="flex-1">
                {METHODS[pool.method]} among{" "}
                {members.length === 0 ? "every team of the period" : `${members.length} teams`}
                <span className="block text-xs text-soft">
                  {feeding.length === 0
                    ? "No rule sends cost here."
                    : `Fed by ${feeding.map(({ name }) => name).join(", ")}`}
                </span>
              </span>
              {canWrite ? (
                <Button size="small" aria-label={`Edit ${pool.name}`} onClick={() => setEdited(pool)}>
                  Edit
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
      {edited === null ? null : (
        <PoolDialog
          pool={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onDone={(runIds) => {
            setEdited(null);
            onStarted(runIds);
          }}
        />
      )}
    </div>
  );
}
