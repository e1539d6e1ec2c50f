import { coveredByTicket } from "#lib/db/trail/change-tickets.ts";
import { valuesOf } from "#lib/db/trail/search-terms.ts";
import { partsOf, type ChangeWindow } from "#lib/domain/trail/change-window.ts";
import type { TERM_FIELDS } from "#lib/domain/trail/event-terms.ts";
import type { TrailPlace, TrailQuery } from "#lib/services/trail/search/trail-view.ts";

const EQUAL: Record<keyof typeof TERM_FIELDS, string> = {
  actor: "actor",
  person: "person",
  action: "action",
  verbClass: "verb_class",
  outcome: "outcome",
  resource: "resource",
  accountId: "account_id",
  clusterKey: "cluster_key",
  namespace: "namespace",
  sourceKey: "source_key",
  mfa: "mfa",
};
/** Of a record that was not dropped. */
const KNOWN = "(body IS NOT NULL OR actor <> '')";
/** What a word may be a part of. */
const SEARCHED = "concat_ws(' ', action, resource, actor, person, namespace, account_id)";

type Asked = { query: TrailQuery; before: TrailPlace | null; through?: number | null };
type Clauses = { clauses: string[]; values: unknown[]; place: (value: unknown) => string };
/** What an event's own columns have to say, whatever led to it. `at`: how the time is written, for whoever does not want its index to be used. */
export function exactClauses({ query, before, through = null }: Asked, at: string): Clauses {
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const clauses: string[] = [];
  for (const field of Object.keys(EQUAL) as (keyof typeof EQUAL)[]) {
    const values = valuesOf(query, field);
    if (values?.length === 1) clauses.push(`${EQUAL[field]} = ${place(values[0])}`);
    else if (values !== null) clauses.push(`${EQUAL[field]} = ANY(${place(values)}::text[])`);
  }
  if (query.sourceAddress !== null) clauses.push(`source_address = ${place(query.sourceAddress)}`);
  // What was dropped has kept where and what it was, and is found by time alone all the same.
  if (clauses.length > 0 || query.outside !== null || query.text) clauses.push(KNOWN);
  if (query.outside !== null) {
    clauses.push(outsideClause(query.outside, place));
    clauses.push(`NOT ${coveredByTicket(through === null ? null : `${place(through)}::bigint`)}`);
  }
  for (const word of (query.text ?? "").split(/\s+/).filter(Boolean))
    clauses.push(`${SEARCHED} ILIKE ${place(`%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`)}`);
  if (query.from) clauses.push(`${at} >= ${place(query.from)}`);
  if (query.to) clauses.push(`${at} < ${place(query.to)}`);
  if (through !== null) clauses.push(`seq <= ${place(through)}`);
  if (before) clauses.push(`(${at}, seq) < (${place(before.at)}::timestamptz, ${place(before.seq)})`);
  return { clauses, values, place };
}

/** Not in any of the windows, by nobody who is a service, for what those do has no hours, and no sign-in, which changes nothing. */
function outsideClause(windows: readonly ChangeWindow[], place: (value: unknown) => string): string {
  const parts = partsOf(windows).map(({ day, fromMinute, toMinute, timeZone }) => {
    const local = `(occurred_at AT TIME ZONE ${place(timeZone)}::text)`;
    const minute = `(extract(hour FROM ${local}) * 60 + extract(minute FROM ${local}))`;
    return `(extract(isodow FROM ${local}) = ${day} AND ${minute} >= ${fromMinute} AND ${minute} < ${toMinute})`;
  });
  return `event_keep_class(source_key, action, verb_class) <> 'sign-in' AND actor_kind NOT IN ('service', 'system') AND NOT (${parts.join(" OR ")})`;
}
