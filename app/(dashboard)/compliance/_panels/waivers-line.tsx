import Link from "next/link";
import type { ServiceContext } from "#lib/services/context.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";
import { attempt } from "#app/_server/attempt.ts";
import { complianceHref, narrowed, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";
import { instantOf } from "#app/(dashboard)/compliance/search-params.ts";

/** What of accepted risks somebody has to act on soon; nothing where there is nothing. */
export async function WaiversLine({ context, state }: { context: ServiceContext; state: ComplianceState }) {
  const answer = await attempt(() => listWaivers(context, { asOf: instantOf(state), states: [], ruleKey: null }));
  if (answer.error !== null) return <p className="text-xs text-warn">Waivers are not known: {answer.error.message}</p>;
  const { waiting, ending, expired } = answer.value.counts;
  const hrefOf = (one: string): string => complianceHref(narrowed(state), "/compliance/waivers", { state: one });
  const parts = [
    { count: ending, words: "about to end", href: hrefOf("ending") },
    { count: waiting, words: "waiting for a decision", href: hrefOf("waiting") },
    { count: expired, words: "expired", href: hrefOf("expired") },
  ].filter(({ count }) => count > 0);
  if (parts.length === 0) return null;
  return (
    <p className="text-xs text-soft">
      Waivers:{" "}
      {parts.map(({ count, words, href }, index) => (
        <span key={words}>
          {index === 0 ? "" : " · "}
          <Link href={href} prefetch={false} className="link">
            {count} {words}
          </Link>
        </span>
      ))}
    </p>
  );
}
