import Link from "next/link";
import type { StripSpan } from "#lib/charts/strip.ts";
import { formatInstant } from "#lib/domain/format.ts";
import type { EvaluationRow, ResourceName, ResourceView } from "#lib/services/posture/posture-view.ts";
import { AskWaiver } from "#app/(dashboard)/compliance/_components/ask-waiver.tsx";
import { SeverityMark } from "#app/(dashboard)/compliance/_components/severity-mark.tsx";
import { Strip } from "#app/(dashboard)/compliance/_components/strip.tsx";
import { VerdictMark } from "#app/(dashboard)/compliance/_components/verdict-mark.tsx";
import { resourceHref, ruleHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

const SHOWN = 10;

type ResourceRuleProps = {
  rule: ResourceView["rules"][number];
  resource: ResourceName;
  spans: readonly StripSpan[];
  from: number;
  to: number;
  state: ComplianceState;
  mayAsk: boolean;
};

/** What one rule said of a resource over time: as a strip, and on demand stretch by stretch with the evidence. */
export function ResourceRule({ rule, resource, spans, from, to, state, mayAsk }: ResourceRuleProps) {
  const { ruleKey, title, severity, now, stretches } = rule;
  return (
    <li className="py-2">
      <div className="grid items-center gap-x-6 gap-y-1 md:grid-cols-[minmax(0,24rem)_1fr]">
        <div className="min-w-0">
          <Link href={ruleHref(state, ruleKey)} prefetch={false} className="way-down block truncate">
            {title}
          </Link>
          <p className="flex flex-wrap items-center gap-x-3 text-xs text-soft">
            {now === null ? "not evaluated any more" : <VerdictMark row={now} />}
            <SeverityMark severity={severity} />
          </p>
        </div>
        <Strip spans={spans} from={from} to={to} label={`${title}: ${stripWords(stretches)}`} />
      </div>
      {now?.note === null || now === null ? null : <p className="mt-1 text-xs text-soft">{now.note}</p>}
      {now?.waiver === null || now === null ? null : (
        <p className="mt-1 text-xs text-soft">
          Accepted until {formatInstant(now.waiver.endsAt)}: {now.waiver.reason}
        </p>
      )}
      <div className="mt-1 flex flex-wrap items-start gap-x-4">
        <details className="min-w-0 flex-1 text-xs">
          <summary className="inline-flex min-h-6 items-center text-soft">
            {stretches.length} {stretches.length === 1 ? "stretch" : "stretches"} of time
          </summary>
          <Stretches rows={stretches} title={title} state={state} />
        </details>
        {mayAsk ? (
          <AskWaiver
            ruleKey={ruleKey}
            scopes={[
              { kind: "resource", key: `${resource.kind} ${resource.key}`, label: resource.name },
              ...(resource.clusterKey !== null && resource.namespaceUid !== null
                ? [
                    {
                      kind: "namespace" as const,
                      key: `${resource.clusterKey} ${resource.namespaceUid}`,
                      label: "its whole namespace",
                    },
                  ]
                : []),
            ]}
          />
        ) : null}
      </div>
    </li>
  );
}

function Stretches({ rows, title, state }: { rows: readonly EvaluationRow[]; title: string; state: ComplianceState }) {
  return (
    <PlainTable
      caption={`${title}, stretch by stretch`}
      rows={rows}
      shown={SHOWN}
      rowKey={({ evaluationId, from }) => `${evaluationId} ${from}`}
      columns={[
        { header: "Verdict", cell: (row) => <VerdictMark row={row} /> },
        { header: "From", className: "whitespace-nowrap", cell: (row) => formatInstant(row.from) },
        {
          header: "To",
          className: "whitespace-nowrap",
          cell: (row) => (row.to === null ? <span className="text-soft">still so</span> : formatInstant(row.to)),
        },
        { header: "Team then", cell: (row) => row.teamKey || <span className="text-soft">nobody&apos;s</span> },
        { header: "Learnt", className: "whitespace-nowrap", cell: (row) => formatInstant(row.recordedAt) },
        {
          header: "Evidence",
          isRight: true,
          cell: (row) =>
            row.evidenceHash === null ? (
              <span className="text-soft">verdict only</span>
            ) : (
              <Link
                href={resourceHref(state, row.resource.id, { evidence: row.evidenceHash })}
                prefetch={false}
                className="link font-mono"
                aria-label={`Evidence ${row.evidenceHash.slice(0, 8)}`}
              >
                {row.evidenceHash.slice(0, 8)}
              </Link>
            ),
        },
      ]}
    />
  );
}

function stripWords(stretches: readonly EvaluationRow[]): string {
  const count = (verdict: EvaluationRow["verdict"]): number =>
    stretches.filter((row) => row.verdict === verdict).length;
  return `${stretches.length} stretches, ${count("fail")} of them failed, ${count("unknown")} unknown`;
}
