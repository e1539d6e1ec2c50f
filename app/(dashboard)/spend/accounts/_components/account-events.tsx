"use client";

import { RelatedEvents } from "#app/_components/related-events.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useAccountEvents } from "#app/_queries/trail.ts";
import { accountTrailHref } from "#app/(dashboard)/spend/accounts/accounts-state.ts";

/** What trails told of an account lately. */
export function AccountEvents({ accountId }: { accountId: string }) {
  const { data, error } = useAccountEvents(accountId);
  if (error !== null) return <ErrorState error={errorViewOf(error)} />;
  if (data === undefined) return <Skeleton className="h-24 w-full" />;
  return <RelatedEvents events={data} href={accountTrailHref(accountId)} />;
}
