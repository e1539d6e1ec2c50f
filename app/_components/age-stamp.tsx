import { addDays, day, type BillingPeriod } from "#lib/domain/period.ts";
import { formatDay, formatDayOfMonth, formatInstant, formatPeriod, formatTime } from "#lib/domain/format.ts";
import type { AgeStamp as Age } from "#lib/services/spend/spend-view.ts";

/** More names than this make the line a list; the sources' page has it. */
const NAMED = 3;

/** How old the figures are and what is missing from them: "Loaded 07:12 UTC · complete to 18 Nov · March missing". */
export function AgeStamp({ age, today }: { age: Age; today: string }) {
  if (age.publishedAt === null) {
    return (
      <p className="text-xs text-soft">
        Nothing is loaded for this period{age.missing.length > 0 ? ": " : ""}
        {missingWords(age)}.
      </p>
    );
  }
  const loaded = age.publishedAt.slice(0, 10) === today ? formatTime(age.publishedAt) : formatInstant(age.publishedAt);
  return (
    <div className="text-xs text-soft">
      <p>
        Loaded <time dateTime={age.publishedAt}>{loaded}</time>
        {age.completeTo === null ? null : ` · complete to ${formatDay(age.completeTo)}`}
        {age.estimatedFrom === null ? null : ` · ${estimatedWords(age)}`}
        {age.missing.length === 0 ? null : <span className="font-medium text-warn"> · {missingWords(age)}</span>}
      </p>
      {age.stale.map((slice) => (
        <p key={`${slice.source} ${slice.period}`} className="mt-0.5 text-warn">
          {slice.source}, {periodWords(slice.period)}: older figures are shown. {slice.message}
        </p>
      ))}
    </div>
  );
}

function estimatedWords(age: Age): string {
  if (age.estimatedFrom === null) return "";
  return `estimated from ${age.completeTo !== null && age.estimatedFrom === addDays(age.completeTo, 1) ? formatDayOfMonth(day(age.estimatedFrom)) : formatDay(age.estimatedFrom)}`;
}

function missingWords(age: Age): string {
  if (age.missing.length === 0) return "";
  const named = age.missing.slice(0, NAMED).map((slice) => `${slice.source} ${periodWords(slice.period)}`);
  const more = age.missing.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""} missing`;
}

function periodWords(period: string): string {
  return /^\d{4}-\d{2}$/.test(period) ? formatPeriod(period as BillingPeriod) : period;
}
