import Link from "next/link";
import { formatInstant } from "#lib/domain/format.ts";
import type { ChainLink, ChainStrength } from "#lib/domain/trail/change-chain.ts";
import type { ChainView } from "#lib/services/trail/change/chain-view.ts";
import { StrengthMark } from "#app/_components/evidence-chip.tsx";
import { auditHref, type AuditState } from "#app/(dashboard)/audit/search-params.ts";

type Looked = Extract<ChainView, { state: "looked" }>;

const STRENGTH_WORDS: Record<ChainStrength, string> = {
  explicit: "Named",
  derived: "Likely",
  weak: "Weak",
};

/** Change requests, the change windows, and what was decided in Bursar about the same thing. */
export function ChainApprovals({ chain, state }: { chain: Looked; state: AuditState }) {
  const { tickets, isInWindow, decisions, decidedSince } = chain;
  return (
    <div className="space-y-2 text-xs">
      <Links links={tickets.links} state={state} when="Version of" />
      {tickets.links.length > 0 ? null : (
        <p>
          {tickets.isKnown
            ? "No change request that was planned for this time is assigned to whoever made the change, or names what was changed."
            : "No change request has ever come to Bursar, so that none could be found."}
        </p>
      )}
      {tickets.isKnown ? (
        <OthersLine
          count={tickets.others}
          one="other change request was planned for this time"
          many="other change requests were planned for this time"
          isCut={tickets.isCut}
        />
      ) : null}
      <p>
        {isInWindow === null
          ? "No change windows are set."
          : isInWindow
            ? "It happened in a change window, by the windows that are set now."
            : "It happened outside of every change window that is set now."}
      </p>
      {decisions.length === 0 ? (
        <p className="text-soft">
          In Bursar no waiver, owner or exemption was decided for it since {formatInstant(decidedSince)}.
        </p>
      ) : (
        <ul className="space-y-2">
          {decisions.map(({ seq, at, by, sentence }) => (
            <li key={`${at} ${sentence}`}>
              {seq === null ? (
                formatInstant(at)
              ) : (
                <Link href={auditHref(state, { event: seq })} prefetch={false} className="link">
                  {formatInstant(at)}
                </Link>
              )}{" "}
              in Bursar, by {by}
              <span className="block wrap-anywhere text-soft">{sentence}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Deploys of the time around the change. */
export function ChainDeploys({ deploys, state }: { deploys: Looked["deploys"]; state: AuditState }) {
  const { links, others, isCut, from, to, sources } = deploys;
  if (sources.length === 0)
    return <p className="text-xs">No trail of Argo CD or Terraform was ever read, so that none could be found.</p>;
  return (
    <div className="space-y-2 text-xs">
      <Links links={links} state={state} when="At" />
      {links.length > 0 ? null : (
        <p>
          From {formatInstant(from)} to {formatInstant(to)} nothing in {eitherOf(sources)} names what was changed, and
          nothing there was asked for by whoever made the change.
        </p>
      )}
      <OthersLine
        count={others}
        one="other deploy was made around this time"
        many="other deploys were made around this time"
        isCut={isCut}
      />
    </div>
  );
}

function Links({ links, state, when }: { links: readonly ChainLink[]; state: AuditState; when: string }) {
  if (links.length === 0) return null;
  return (
    <ul className="space-y-2">
      {links.map(({ seq, at, title, strength, why }) => (
        <li key={seq}>
          <p className="flex flex-wrap items-baseline gap-x-2 text-sm">
            <Link href={auditHref(state, { event: seq })} prefetch={false} className="link wrap-anywhere">
              {title}
            </Link>
            <span className="inline-flex items-center gap-1 text-xs text-soft">
              <StrengthMark strength={strength} /> {STRENGTH_WORDS[strength]}
            </span>
          </p>
          <p className="text-soft">
            {when} <time dateTime={at}>{formatInstant(at)}</time>
          </p>
          <p className="wrap-anywhere">{why}</p>
        </li>
      ))}
    </ul>
  );
}

type OthersLineProps = { count: number; one: string; many: string; isCut: boolean };

/** What was looked at and has nothing to do with the change, as far as it tells. */
function OthersLine({ count, one, many, isCut }: OthersLineProps) {
  if (count === 0 && !isCut) return null;
  const sentence = count === 1 ? `1 ${one}; nothing in it points` : `${count} ${many}; nothing in them points`;
  return (
    <p className="text-soft">
      {count === 0 ? "" : `${sentence} to this change. `}
      {isCut ? "There may be more than are shown." : ""}
    </p>
  );
}

function eitherOf(titles: readonly string[]): string {
  return new Intl.ListFormat("en-GB", { type: "disjunction" }).format(titles.map((title) => `“${title}”`));
}
