"use client";

import Link from "next/link";
import { useState } from "react";
import type { NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";
import { StrengthMark } from "#app/_components/evidence-chip.tsx";
import { OwnerEvidence } from "#app/_components/owner-chip.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Popover } from "#app/_components/ui/popover.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useNamespace } from "#app/_queries/namespaces.ts";
import { teamHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { STRENGTH_LABELS } from "#app/(dashboard)/sprawl/sprawl-words.ts";

/** The evidence chip in a list: the name and the mark are there, the claims are read when somebody asks for them. */
export function OwnerBriefChip({ row, asOf }: { row: NamespaceRow; asOf: string | null }) {
  const { owner, name } = row;
  const title = owner.team?.name ?? STRENGTH_LABELS[owner.strength];
  const [wasOpened, setOpened] = useState(false);
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5">
      <Popover
        label={`Whose ${name} is, and why`}
        className="w-[min(26rem,calc(100vw-2rem))] p-3"
        onOpenChange={(open) => open && setOpened(true)}
        trigger={
          <button
            type="button"
            aria-label={`${STRENGTH_LABELS[owner.strength]}: why ${title} for ${name}?`}
            className="-m-1 inline-flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-hover"
          >
            <StrengthMark strength={owner.strength} />
          </button>
        }
      >
        <Evidence row={row} asOf={asOf} isOpen={wasOpened} />
      </Popover>
      {owner.team === null ? (
        <span className={classNames("truncate", owner.strength === "contested" ? "text-warn" : "text-soft")}>
          {title}
        </span>
      ) : (
        <Link href={teamHref(owner.team.key, asOf)} prefetch={false} className="way-down truncate">
          {title}
        </Link>
      )}
      {owner.strength === "contested" && owner.team !== null ? (
        <span className="text-xs font-medium text-warn">contested</span>
      ) : null}
    </span>
  );
}

function Evidence({ row, asOf, isOpen }: { row: NamespaceRow; asOf: string | null; isOpen: boolean }) {
  const answer = useNamespace({ clusterKey: row.clusterKey, uid: row.uid, asOf }, isOpen);
  if (answer.error !== null) return <ErrorState error={errorViewOf(answer.error)} />;
  if (answer.data === undefined)
    return (
      <div role="status" aria-label="Reading the claims" className="space-y-2">
        <Skeleton className="h-4 w-40" />
        <Skeleton className="h-16 w-full" />
      </div>
    );
  return <OwnerEvidence owner={answer.data.owner} />;
}
