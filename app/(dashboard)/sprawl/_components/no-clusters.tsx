import Link from "next/link";
import { EmptyState } from "#app/_components/ui/states.tsx";

const EXAMPLE = `sources:
  clusters:
    kind: kubernetes
    clusters:
      - key: prod-eu-1
        kubeconfig: ./kubeconfig.yaml
        context: prod-eu-1`;

/** Where no cluster is read: what that means, and what to write to have one. */
export function NoClusters({ canConfigure, isMember }: { canConfigure: boolean; isMember: boolean }) {
  if (isMember)
    return (
      <EmptyState title="No namespace is your team's.">
        <p>A namespace becomes your team&apos;s by a label, by your catalog, or by whoever made it.</p>
      </EmptyState>
    );
  return (
    <EmptyState title="No cluster is read yet, so namespaces are not known.">
      <p>Bursar lists what is in each cluster through its API, and whose it is by what is written there.</p>
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
            The role that it needs is in deploy/kubernetes. How each look went stands on{" "}
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
