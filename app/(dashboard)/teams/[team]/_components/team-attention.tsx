import { Check } from "lucide-react";
import Link from "next/link";
import type { TeamPageView } from "#lib/services/teams/team-view.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";
import { countWords, namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

type TeamAttentionProps = { view: TeamPageView; teamKey: string; asOf: string | null };

/** What of the team's own somebody should decide about: unused, contested, weakly known, not judged. */
export function TeamAttention({ view, teamKey, asOf }: TeamAttentionProps) {
  const items = itemsOf(view, teamKey, asOf).filter(({ count }) => count > 0);
  return (
    <Part id="attention" title="To decide">
      {items.length === 0 ? (
        <p className="flex items-center gap-1.5 text-soft">
          <Check size={14} aria-hidden className="text-accent" /> Nothing of its own is unused, contested or only
          guessed.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {items.map(({ words, href, detail }) => (
            <li key={words} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
              <Link href={href} prefetch={false} className="way-down">
                {words}
              </Link>
              <span className="text-xs text-soft">{detail}</span>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function itemsOf({ counts, accounts }: TeamPageView, teamKey: string, asOf: string | null) {
  const listed = (params: Record<string, string>): string =>
    `${withParams("/sprawl", { team: teamKey, ...params, asOf })}#namespaces`;
  const contestedAccounts = accounts.filter(({ owner }) => owner.strength === "contested").length;
  const { byStrength } = counts;
  return [
    {
      count: counts.unused,
      words: `${namespacesWords(counts.unused)} that nobody uses`,
      href: withParams("/sprawl/unused", { team: teamKey, asOf }),
      detail: "each with the signs, and what it costs",
    },
    {
      count: byStrength.contested,
      words: `${namespacesWords(byStrength.contested)} that another team may own`,
      href: listed({ owner: "contested" }),
      detail: "equally strong claims name different teams",
    },
    {
      count: contestedAccounts,
      words: `${countWords(contestedAccounts, "account")} that another team may own`,
      href: withParams("/spend/accounts", { owner: "contested", asOf }),
      detail: "equally strong claims name different teams",
    },
    {
      count: byStrength.weak,
      words: `${namespacesWords(byStrength.weak)} with a hint only`,
      href: listed({ owner: "weak" }),
      detail: "a label that names the team would settle it",
    },
    {
      count: counts.asleep,
      words: `${namespacesWords(counts.asleep)} asleep`,
      href: listed({ state: "asleep" }),
      detail: "quiet, but something speaks against removing it",
    },
    {
      count: counts.unknown,
      words: `${namespacesWords(counts.unknown)} not judged`,
      href: listed({ state: "unknown" }),
      detail: "not enough was observed to say whether anybody uses it",
    },
  ];
}
