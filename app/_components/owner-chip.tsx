"use client";

import { Check, Equal, Minus, Scale } from "lucide-react";
import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { ClaimView, OwnerView } from "#lib/services/ownership/owner-view.ts";
import { StrengthMark } from "#app/_components/evidence-chip.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";

export const OWNER_STRENGTH_WORDS: Record<OwnerView["strength"], string> = {
  explicit: "Explicit",
  derived: "Derived",
  weak: "Weak",
  contested: "Contested",
  none: "No owner",
};

const STRENGTH_MEANINGS: Record<OwnerView["strength"], string> = {
  explicit: "somebody wrote down whose it is",
  derived: "another system's record leads to a team",
  weak: "only a hint says so",
  contested: "equally strong claims name different teams",
  none: "no claim leads to a team",
};

type OwnerChipProps = {
  owner: OwnerView;
  /** What is owned, for whoever hears the button instead of seeing where it stands: "claims-prod". */
  of: string;
  /** One level down from the team; none = the name only tells. */
  href?: string;
};

/** Whose something is, with a mark of how well that is known. The mark opens the claims; the name is never bare. */
export function OwnerChip({ owner, of, href }: OwnerChipProps) {
  const name = owner.team?.name ?? OWNER_STRENGTH_WORDS[owner.strength];
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5">
      <Popover
        label={`Whose ${of} is, and why`}
        className="w-[min(26rem,calc(100vw-2rem))] p-3"
        trigger={
          <button
            type="button"
            aria-label={`${OWNER_STRENGTH_WORDS[owner.strength]}: why ${name} for ${of}?`}
            className="-m-1 inline-flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-hover"
          >
            <StrengthMark strength={owner.strength} />
          </button>
        }
      >
        <OwnerEvidence owner={owner} />
      </Popover>
      {owner.team === null || href === undefined ? (
        <span className={classNames("truncate", owner.team === null && "text-soft")}>{name}</span>
      ) : (
        <Link href={href} prefetch={false} className="way-down truncate">
          {name}
        </Link>
      )}
      {owner.strength === "contested" && owner.team !== null ? (
        <span className="text-xs font-medium text-warn">contested</span>
      ) : null}
    </span>
  );
}

/** The claims in order: where each was read and when, what it says, and why it won or lost. */
export function OwnerEvidence({ owner }: { owner: OwnerView }) {
  return (
    <div className="text-sm">
      <p className="flex items-center gap-1.5">
        <StrengthMark strength={owner.strength} />
        <span className="font-medium">{owner.team?.name ?? OWNER_STRENGTH_WORDS[owner.strength]}</span>
        {owner.confidence === null ? null : <span className="text-soft">{owner.confidence} confidence</span>}
      </p>
      <p className="mt-0.5 text-xs text-soft">
        {OWNER_STRENGTH_WORDS[owner.strength]}: {STRENGTH_MEANINGS[owner.strength]}.
      </p>
      {owner.claims.length === 0
        ? owner.reasons.map((reason) => (
            <p key={reason} className="mt-1 text-xs">
              {reason}
            </p>
          ))
        : null}
      {owner.claims.length === 0 ? null : (
        <ol className="mt-2 divide-y divide-line border-t border-line">
          {owner.claims.map((claim, index) => (
            <Claim key={index} claim={claim} />
          ))}
        </ol>
      )}
    </div>
  );
}

const STANDINGS: Record<ClaimView["standing"], { word: string; Icon: typeof Check }> = {
  won: { word: "Won", Icon: Check },
  agrees: { word: "Agrees", Icon: Equal },
  disputes: { word: "Disputes", Icon: Scale },
  lost: { word: "Lost", Icon: Minus },
  "names-nobody": { word: "Names nobody", Icon: Minus },
  "not-valid": { word: "Does not hold", Icon: Minus },
};

function Claim({ claim }: { claim: ClaimView }) {
  const { word, Icon } = STANDINGS[claim.standing];
  const counts = claim.standing === "won" || claim.standing === "agrees";
  return (
    <li className="grid grid-cols-[1rem_1fr] gap-x-2 py-2">
      <Icon
        size={14}
        aria-hidden
        className={classNames(
          "mt-0.5",
          claim.standing === "won" ? "text-accent" : claim.standing === "disputes" ? "text-warn" : "text-soft",
        )}
      />
      <div className="min-w-0">
        <p className="flex items-baseline gap-x-2">
          <span className={counts ? "font-medium" : undefined}>{claim.title}</span>
          <span
            className={classNames(
              "ml-auto text-xs whitespace-nowrap",
              claim.standing === "disputes" ? "text-warn" : "text-soft",
            )}
          >
            {word}
          </span>
        </p>
        <p>
          <span className="break-all">“{claim.names}”</span>
          {claim.team === null || claim.team.name === claim.names ? null : (
            <>
              {" "}
              <span className="text-soft">leads to</span> {claim.team.name}
            </>
          )}
        </p>
        <p className="text-xs text-soft">{claim.reason}</p>
        <p className="text-xs text-soft">
          {claim.strength}
          {claim.detail === "" ? null : <span className="break-all"> · {claim.detail}</span>} · read{" "}
          <time dateTime={claim.readAt}>{formatInstant(claim.readAt)}</time>
        </p>
      </div>
    </li>
  );
}
