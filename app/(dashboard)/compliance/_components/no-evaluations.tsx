import Link from "next/link";
import { EmptyState } from "#app/_components/ui/states.tsx";

const EXAMPLE = `sources:
  config:
    kind: aws-config
    aggregator: organisation
    region: eu-central-1`;

/** Where nothing was evaluated: what that means, and what to write so that it will be. Never "nothing fails". */
export function NoEvaluations({ canConfigure, asOf }: { canConfigure: boolean; asOf: string | null }) {
  if (asOf !== null)
    return (
      <EmptyState title="Nothing had been evaluated at this instant.">
        <p>Bursar had not looked yet, so it cannot say what was compliant then. Choose a later instant, or now.</p>
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing is evaluated yet, so nothing is known to be compliant, and nothing to fail.">
      <p>
        Bursar reads what AWS Config, policy reports of clusters and baselines of hosts have found, and evaluates its
        own policies on the clusters and accounts that it already reads.
      </p>
      {canConfigure ? (
        <>
          <p className="mt-3">Add to bursar.yaml:</p>
          <pre
            className="mt-1 overflow-x-auto border-l-2 border-accent bg-accent-soft px-4 py-2 text-xs text-ink"
            tabIndex={0}
          >
            {EXAMPLE}
          </pre>
          <p className="mt-2">
            How each look went stands on{" "}
            <Link href="/sources" className="link">
              Sources
            </Link>
            .
          </p>
        </>
      ) : null}
    </EmptyState>
  );
}
