import Link from "next/link";
import { formatCount, MINUS } from "#lib/domain/format.ts";
import type { DayRange } from "#lib/domain/period.ts";
import type { SprawlKind, SprawlView } from "#lib/services/sprawl/sprawl-view.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { exactWords, moneyWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

type KindFiguresProps = {
  kinds: SprawlView["kinds"];
  costRange: DayRange | null;
  asOf: string | null;
  isMember: boolean;
};

/** How many there are of each kind, how many more than 30 days ago, and what they cost. */
export function KindFigures({ kinds, costRange, asOf }: KindFiguresProps) {
  return (
    <ul
      aria-label="How many there are"
      className="grid grid-cols-2 gap-x-6 gap-y-4 border-y border-line py-4 lg:grid-cols-4"
    >
      {kinds.map((kind) => (
        <li key={kind.kind}>
          <Figure kind={kind} hasRange={costRange !== null} href={hrefOf(kind.kind, asOf)} />
        </li>
      ))}
    </ul>
  );
}

function hrefOf(kind: SprawlKind["kind"], asOf: string | null): string {
  if (kind === "accounts") return withParams("/spend/accounts", { asOf });
  return kind === "namespaces" ? "#namespaces" : "#clusters";
}

function Figure({ kind: { kind, count, change, costs }, href }: { kind: SprawlKind; hasRange: boolean; href: string }) {
  return (
    <>
      <Link href={href} prefetch={false} className="way-down block">
        <span className="block text-figure font-semibold tracking-tight">{formatCount(count)}</span>
        <span className="block">{count === 1 ? kind.slice(0, -1) : kind}</span>
      </Link>
      <span className="block text-xs text-soft">{changeWords(change)}</span>
      {costs.length === 0 ? null : (
        <span className="block text-xs text-soft" title={exactWords(costs)}>
          <span className="text-ink">{moneyWords(costs)}</span> in 30 days
        </span>
      )}
    </>
  );
}

function changeWords(change: number | null): string {
  if (change === null) return "not observed 30 days ago";
  if (change === 0) return "as many as 30 days ago";
  return `${change > 0 ? "+" : MINUS}${formatCount(Math.abs(change))} in 30 days`;
}
