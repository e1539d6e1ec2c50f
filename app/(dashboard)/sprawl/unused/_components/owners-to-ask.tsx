import Link from "next/link";
import type { SprawlGroup } from "#lib/services/sprawl/sprawl-view.ts";
import { sprawlHref, withFilters, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { exactWords, moneyWords, namespacesWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

/** Owners that are named; the others are in the list. */
const SHOWN = 9;

/** Whom to ask first: the teams whose unused namespaces cost most. Each shows its own list, to be exported for them. */
export function OwnersToAsk({ groups, state }: { groups: readonly SprawlGroup[]; state: SprawlState }) {
  if (groups.length < 2) return null;
  return (
    <section aria-labelledby="owners">
      <h2 id="owners" className="text-base">
        Whom to ask <span className="font-normal text-soft">by what it costs in 30 days</span>
      </h2>
      <ul className="mt-1 grid gap-x-10 border-t border-line sm:grid-cols-2 lg:grid-cols-3">
        {groups.slice(0, SHOWN).map(({ key, label, namespaces, costs }) => (
          <li key={key} className="flex min-w-0 items-baseline gap-2 border-b border-line py-1.5">
            <Link
              href={sprawlHref(withFilters(state, { teams: [key] }), "/sprawl/unused")}
              prefetch={false}
              scroll={false}
              className="way-down truncate"
            >
              {label}
            </Link>
            <span className="text-xs whitespace-nowrap text-soft">{namespacesWords(namespaces)}</span>
            <span className="ml-auto text-right sm:whitespace-nowrap" title={exactWords(costs)}>
              {costs.length === 0 ? <span className="text-soft">not known</span> : moneyWords(costs)}
            </span>
          </li>
        ))}
      </ul>
      {groups.length > SHOWN ? (
        <p className="mt-1 text-xs text-soft">And {groups.length - SHOWN} more owners in the list.</p>
      ) : null}
    </section>
  );
}
