import { isAllowed } from "#lib/access/permissions.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { listRelatedEvents } from "#lib/services/trail/search/list-related-events.ts";
import { RelatedEvents } from "#app/_components/related-events.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";

type NamespaceEventsPanelProps = { context: ServiceContext; clusterKey: string; namespace: string };

/** What the cluster's audit trail told of it lately, for whoever may read trails. */
export async function NamespaceEventsPanel({ context, clusterKey, namespace }: NamespaceEventsPanelProps) {
  if (!isAllowed(context.actor, "activity:read")) return null;
  const events = await attempt(() => listRelatedEvents(context, { clusterKey, namespace }));
  const href = `/audit?${new URLSearchParams({ cluster: clusterKey, namespace }).toString()}`;
  return (
    <Part id="trail" title="What was done to it" of="by the audit trail, newest first">
      {events.error === null ? (
        <RelatedEvents events={events.value} href={href} />
      ) : (
        <ErrorState error={events.error} />
      )}
    </Part>
  );
}
