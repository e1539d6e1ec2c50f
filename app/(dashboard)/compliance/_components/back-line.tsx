import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import { complianceHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";

/** One level up, with the question kept. */
export function BackLine({ state, words = "Compliance" }: { state: ComplianceState; words?: string }) {
  return (
    <p className="mb-1 flex flex-wrap gap-x-3 text-xs text-soft print:hidden">
      <Link href={complianceHref(state)} prefetch={false} className="link">
        {words}
      </Link>
      {state.asOf === null ? null : <span>read as of {formatInstant(state.asOf)}</span>}
    </p>
  );
}
