import { X } from "lucide-react";
import Link from "next/link";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { DayInput } from "#app/(dashboard)/audit/_components/day-input.tsx";
import { SearchWords } from "#app/(dashboard)/audit/_components/search-words.tsx";
import {
  AUDIT_CHIPS,
  auditHref,
  chipText,
  readyQuestions,
  type AuditState,
} from "#app/(dashboard)/audit/search-params.ts";

const WORDS = "Words of an action, a resource, an actor; or a person, an account, a cluster";

/** The search line: words, a range of days, the filters that are set as chips, and ready questions. Works without scripts. */
export function AuditSearch({ state, windows }: { state: AuditState; windows: string | null }) {
  const chips = AUDIT_CHIPS.filter(([key]) => state[key] !== null);
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
        <DayInput label="From" name="from" value={state.from} />
        <DayInput label="To, not included" name="to" value={state.to} />
        <button type="submit" className={buttonClass("primary")}>
          Search
        </button>
      </form>
      {chips.length === 0 ? null : (
        <ul aria-label="Filters" className="mt-3 flex flex-wrap gap-2">
          {chips.map(([key, label]) => (
            <li key={key}>
              <Link
                href={auditHref(state, { [key]: null })}
                className="inline-flex min-h-6 max-w-96 items-center gap-1 rounded-md border border-line-strong px-2 text-xs"
              >
                <span className="shrink-0 text-soft">{label}</span>{" "}
                <span className="truncate">{chipText(key, String(state[key]))}</span>
                <span className="sr-only">: remove this filter</span>
                <X aria-hidden className="size-3 shrink-0" />
              </Link>
            </li>
          ))}
        </ul>
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
