import Link from "next/link";
import type { ReactNode } from "react";
import type { Actor } from "#lib/access/actor.ts";
import { isAllowed } from "#lib/access/permissions.ts";

type AuditLinkProps = {
  actor: Actor;
  /** What the trail is searched for; null is left out. */
  search: Readonly<Record<string, string | null>>;
  children: ReactNode;
};

/** The way from a thing into the trail, for whoever may read trails. */
export function AuditLink({ actor, search, children }: AuditLinkProps) {
  if (!isAllowed(actor, "activity:read")) return null;
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value !== null) params.set(name, value);
  return (
    <Link href={`/audit?${params.toString()}`} prefetch={false} className="link print:hidden">
      {children}
    </Link>
  );
}
