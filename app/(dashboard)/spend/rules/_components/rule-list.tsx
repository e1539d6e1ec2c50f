"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { formatInstant, formatPeriod } from "#lib/domain/format.ts";
import type { PoolView, RuleView } from "#lib/services/rules/rule-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useMoveRule, useRemoveRule, useTeams } from "#app/_queries/rules.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState, ErrorState } from "#app/_components/ui/states.tsx";
import { matchWords, targetWords } from "#app/_components/rules/rule-words.ts";

const RuleDialog = dynamic(
  () => import("#app/(dashboard)/spend/rules/_components/rule-dialog.tsx").then((module) => module.RuleDialog),
  { ssr: false },
);

type RuleListProps = { rules: RuleView[]; pools: PoolView[]; canWrite: boolean; onStarted: (runIds: string[]) => void };

/** The rules in force, in the order in which they are tried. */
export function RuleList({ rules, pools, canWrite, onStarted }: RuleListProps) {
  const [edited, setEdited] = useState<RuleView | "new" | null>(null);
  const move = useMoveRule();
  const remove = useRemoveRule();
  const teams = useTeams();
  const names = {
    teams: new Map((teams.data ?? []).map((team) => [team.key, team.name])),
    pools: new Map(pools.map((pool) => [pool.key, pool.name])),
  };
  const error = move.error ?? remove.error;
  const isBusy = move.isPending || remove.isPending;
  return (
    <div className="space-y-3">
      {canWrite ? <Button onClick={() => setEdited("new")}>New rule</Button> : null}
      {error === null ? null : <ErrorState error={errorViewOf(error)} />}
      {rules.length === 0 ? <Nothing /> : null}
      {rules.length === 0 ? null : (
        <div className="relative overflow-x-auto" role="region" aria-label="Rules" tabIndex={0}>
          <table className="w-full" data-rows="many">
            <caption className="sr-only">Rules in the order in which they are tried</caption>
            <thead className="border-b border-line-strong text-xs text-soft">
              <tr>
                <th scope="col" className="h-8 w-8 text-right font-medium">
                  #
                </th>
                <th scope="col" className="pl-4 text-left font-medium">
                  Rule
                </th>
                <th scope="col" className="pl-4 text-left font-medium">
                  When
                </th>
                <th scope="col" className="pl-4 text-left font-medium">
                  Goes to
                </th>
                {canWrite ? (
                  <th scope="col" className="w-44 print:hidden">
                    <span className="sr-only">Change</span>
                  </th>
                ) : null}
              </tr>
            </thead>
            <tbody>
              {rules.map((rule, index) => (
                <RuleRow
                  key={rule.ruleId}
                  rule={rule}
                  index={index}
                  isLast={index === rules.length - 1}
                  target={targetWords(rule.target, names)}
                  canWrite={canWrite}
                  isBusy={isBusy}
                  onMove={(position) =>
                    move.mutate({ ruleId: rule.ruleId, position }, { onSuccess: ({ runIds }) => onStarted(runIds) })
                  }
                  onEdit={() => setEdited(rule)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited === null ? null : (
        <RuleDialog
          rule={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={(runIds) => {
            setEdited(null);
            onStarted(runIds);
          }}
          onRemove={(ruleId) =>
            remove.mutate(ruleId, {
              onSuccess: ({ runIds }) => {
                setEdited(null);
                onStarted(runIds);
              },
            })
          }
        />
      )}
    </div>
  );
}

type RuleRowProps = {
  rule: RuleView;
  index: number;
  isLast: boolean;
  target: string;
  canWrite: boolean;
  isBusy: boolean;
  onMove: (position: number) => void;
  onEdit: () => void;
};

function RuleRow({ rule, index, isLast, target, canWrite, isBusy, onMove, onEdit }: RuleRowProps) {
  return (
    <tr className="border-b border-line align-top">
      <td className="py-2 text-right text-soft">{index + 1}</td>
      <th scope="row" className="py-2 pl-4 text-left font-medium">
        {rule.name}
        <span className="block text-xs font-normal text-soft">
          {validWords(rule)}by {rule.createdBy}, {formatInstant(rule.createdAt)}
        </span>
      </th>
      <td className="py-2 pl-4">
        {matchWords(rule.match, rule.target).map((condition) => (
          <span key={condition} className="block break-words">
            {condition}
          </span>
        ))}
      </td>
      <td className="py-2 pl-4">{target}</td>
      {canWrite ? (
        <td className="py-1.5 pl-4 text-right whitespace-nowrap print:hidden">
          <Button
            look="quiet"
            size="small"
            aria-label={`Try ${rule.name} earlier`}
            disabled={index === 0 || isBusy}
            onClick={() => onMove(index - 1)}
          >
            <ArrowUp size={14} aria-hidden />
          </Button>
          <Button
            look="quiet"
            size="small"
            aria-label={`Try ${rule.name} later`}
            disabled={isLast || isBusy}
            onClick={() => onMove(index + 1)}
          >
            <ArrowDown size={14} aria-hidden />
          </Button>
          <Button size="small" aria-label={`Edit ${rule.name}`} onClick={onEdit}>
            Edit
          </Button>
        </td>
      ) : null}
    </tr>
  );
}

function Nothing() {
  return (
    <EmptyState
      title="There is no rule yet, so every cost is unallocated."
      action={
        <Link href="/spend/unallocated" className="link">
          Start with the largest accounts, tags and services
        </Link>
      }
    />
  );
}

function validWords(rule: RuleView): string {
  if (rule.validFrom === null && rule.validTo === null) return "";
  const from = rule.validFrom === null ? "" : `from ${formatPeriod(rule.validFrom)} `;
  return `${from}${rule.validTo === null ? "" : `until before ${formatPeriod(rule.validTo)} `}· `;
}
