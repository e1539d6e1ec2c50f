import type { ReactNode } from "react";
import { formatInstant } from "#lib/domain/format.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { readChangeChain } from "#lib/services/trail/change/read-change-chain.ts";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { ChainApprovals, ChainDeploys } from "#app/(dashboard)/audit/_components/chain-links.tsx";
import { ChainCostPart } from "#app/(dashboard)/audit/_components/chain-cost.tsx";
import type { AuditState } from "#app/(dashboard)/audit/search-params.ts";

type ChangeChainPanelProps = { context: ServiceContext; state: AuditState; seq: number };

const NOTHING_CHANGED = {
  read: "It looked and changed nothing, so that no approval, deploy or cost belongs to it.",
  denied: "It was refused: nothing was changed, so that no approval, deploy or cost belongs to it.",
  own: "It was done in Bursar itself, which approves, deploys and bills nothing of its own.",
  dropped:
    "Who did it, and its record, were dropped at the end of their time, so that nothing can be compared with it any more.",
} as const;

/** Who approved a change, which deploy it came from, and which cost followed. */
export async function ChangeChainPanel({ context, state, seq }: ChangeChainPanelProps) {
  const answer = await attempt(() => readChangeChain(context, seq));
  if (answer.error !== null)
    return (
      <ChainFrame>
        <ErrorState error={answer.error} />
      </ChainFrame>
    );
  const chain = answer.value;
  if (chain.state === "none")
    return (
      <ChainFrame>
        <p className="text-xs text-soft">{NOTHING_CHANGED[chain.why]}</p>
      </ChainFrame>
    );
  return (
    <ChainFrame>
      <div className="grid gap-x-8 gap-y-4 lg:grid-cols-3">
        <ChainPartFrame title="Who approved it">
          <ChainApprovals chain={chain} state={state} />
        </ChainPartFrame>
        <ChainPartFrame title="Which deploy it came from">
          <ChainDeploys deploys={chain.deploys} state={state} />
        </ChainPartFrame>
        <ChainPartFrame title="Which cost followed">
          <ChainCostPart cost={chain.cost} />
        </ChainPartFrame>
      </div>
      <p className="mt-3 text-xs text-soft">
        By what Bursar had at {formatInstant(context.now)}. That two things belong together is concluded from what they
        say, and is not proven.
      </p>
    </ChainFrame>
  );
}

/** Its shape while it is read. */
export function ChangeChainSkeleton() {
  return (
    <ChainFrame>
      <div
        role="status"
        aria-label="The chain of the change is loading"
        className="grid gap-x-8 gap-y-4 lg:grid-cols-3"
      >
        {[0, 1, 2].map((part) => (
          <div key={part} className="space-y-2">
            <Skeleton className="h-3 w-32" />
            <Skeleton className="h-3 w-56" />
            <Skeleton className="h-3 w-48" />
          </div>
        ))}
      </div>
    </ChainFrame>
  );
}

function ChainFrame({ children }: { children: ReactNode }) {
  return (
    <section aria-label="The chain of the change" className="mt-4 border-t border-line pt-3">
      <h3 className="mb-2 font-semibold">The chain of the change</h3>
      {children}
    </section>
  );
}

function ChainPartFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h4 className="mb-1 text-xs text-soft">{title}</h4>
      {children}
    </div>
  );
}
