import { X } from "lucide-react";
import Link from "next/link";
import { formatInstant, formatTime } from "#lib/domain/format.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { DayInput } from "#app/(dashboard)/audit/_components/day-input.tsx";
import { SearchWords } from "#app/(dashboard)/audit/_components/search-words.tsx";
import {
  AUDIT_CHIPS,
  auditHref,
  chipText,
  isOfDays,
  readyQuestions,
  type AuditState,
} from "#app/(dashboard)/audit/search-params.ts";

const WORDS = "Words of an action, a resource, an actor; or a person, an account, a cluster";

/** The search line: words, a range of days, the filters that are set as chips, and ready questions. Works without scripts. */
export function AuditSearch({ state, windows }: { state: AuditState; windows: string | null }) {
  const chips = AUDIT_CHIPS.filter(([key]) => state[key] !== null);
  const areDays = isOfDays(state);
  return (
    <search className="print:hidden">
      <form action="/audit" className="flex flex-wrap items-end gap-2">
        {chips.map(([key]) => (
          <input key={key} type="hidden" name={key} value={String(state[key])} />
        ))}
        {state.asOf === null ? null : <input type="hidden" name="asOf" value={state.asOf.toISOString()} />}
        <div className="min-w-64 grow basis-80">
          <p className="mb-1 text-xs font-medium text-soft" aria-hidden>
            {WORDS}
          </p>
          <SearchWords key={auditHref(state)} state={state} label={WORDS} />
        </div>
        {areDays ? (
          <>
            <DayInput key={`from ${state.from?.getTime()}`} label="From" name="from" value={state.from} />
            <DayInput key={`to ${state.to?.getTime()}`} label="To, not included" name="to" value={state.to} />
          </>
        ) : (
          [["from", state.from] as const, ["to", state.to] as const].map(([name, at]) =>
            at === null ? null : <input key={name} type="hidden" name={name} value={at.toISOString()} />,
          )
        )}
        <button type="submit" className={buttonClass("primary")}>
          Search
        </button>
      </form>
      {chips.length === 0 && areDays ? null : (
        <ul aria-label="Filters" className="mt-3 flex flex-wrap gap-2">
          {chips.map(([key, label]) => (
            <Chip
              key={key}
              label={label}
              text={chipText(key, String(state[key]))}
              href={auditHref(state, { [key]: null })}
            />
          ))}
          {areDays ? null : (
            <Chip label="When" text={rangeText(state)} href={auditHref(state, { from: null, to: null })} />
          )}
        </ul>
      )}
      {state.mfa === null ? null : (
        <p className="mt-2 max-w-prose text-xs text-soft">
          Only sign-ins whose trail knows: of root, and of users of AWS itself. Whoever comes from a directory was asked
          there, and AWS writes “No” of all of them.{" "}
          <Link href={auditHref(state, { mfa: null })} className="link">
            Those that do not tell as well
          </Link>
        </p>
      )}
      <ul aria-label="Ready questions" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs">
        {readyQuestions(windows, state.asOf).map(({ label, href }) => (
          <li key={label}>
            <Link href={href} prefetch={false} className="link inline-block min-h-6">
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </search>
  );
}

function Chip({ label, text, href }: { label: string; text: string; href: string }) {
  return (
    <li className="min-w-0">
      <Link
        href={href}
        className="inline-flex min-h-6 max-w-full items-center gap-1 rounded-md border border-line-strong px-2 text-xs sm:max-w-lg"
      >
        <span className="shrink-0 text-soft">{label}</span> <span className="truncate">{text}</span>
        <span className="sr-only">: remove this filter</span>
        <X aria-hidden className="size-3 shrink-0" />
      </Link>
    </li>
  );
}

function rangeText({ from, to }: AuditState): string {
  if (from === null) return to === null ? "" : `before ${formatInstant(to)}`;
  if (to === null) return `from ${formatInstant(from)}`;
  const isOneDay = from.toISOString().slice(0, 10) === to.toISOString().slice(0, 10);
  return `${isOneDay ? formatTime(from) : formatInstant(from)} to ${formatInstant(to)}`;
}
