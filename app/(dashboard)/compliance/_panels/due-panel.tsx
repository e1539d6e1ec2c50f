import Link from "next/link";
import type { ServiceContext } from "#lib/services/context.ts";
import { readAgeing } from "#lib/services/posture/read-ageing.ts";
import { MOST_DUE_ROWS } from "#lib/services/posture/posture-view.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { DueTable } from "#app/(dashboard)/compliance/_components/due-table.tsx";
import { complianceHref, narrowed, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { instantOf, toFilters } from "#app/(dashboard)/compliance/search-params.ts";

/** The open failures that matter most: what is overdue by severity, then what is due next. */
export async function DuePanel({ context, state }: { context: ServiceContext; state: ComplianceState }) {
  const answer = await attempt(() =>
    readAgeing(context, { frameworkId: state.framework, asOf: instantOf(state), filters: toFilters(state) }),
  );
  if (answer.error !== null) return <ErrorState error={answer.error} />;
  const { due } = answer.value;
  const own = context.actor.role === "member" ? context.actor.teamKey : null;
  return (
    <Part
      id="due"
      title="What to mend first"
      of={
        due.length < MOST_DUE_ROWS
          ? "open failures by due date"
          : `the first ${MOST_DUE_ROWS} open failures by due date`
      }
      isLong
    >
      <DueTable view={answer.value} state={state} />
      {own === null ? null : (
        <p className="mt-2">
          <Link
            href={complianceHref(narrowed(state), `/compliance/team/${encodeURIComponent(own)}`)}
            prefetch={false}
            className="link"
          >
            By effort and risk
          </Link>
        </p>
      )}
    </Part>
  );
}
