import { dayOf, fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import type { LeaverAccess } from "#lib/services/trail/search/trail-view.ts";

/** Those who left last; whoever left before them is not looked at, which is told. */
const MOST_LEAVERS = 1_000;

/**
 * Who is named by events after the last day that the directory gives them, with how many. It costs the index of terms, whatever the log's size. An event that
 * names an account and no mail is nobody's here.
 */
export async function listLeaverAccess(context: ServiceContext): Promise<LeaverAccess> {
  await authorise(context, "activity:read", "access by leavers");
  const { pool } = context.database;
  const { rows } = await pool.query<{ mail: string; name: string; left_at: string }>(
    `SELECT mail, (array_agg(name ORDER BY active_to DESC))[1] AS name, max(active_to)::text AS left_at FROM person
     GROUP BY mail HAVING bool_and(active_to IS NOT NULL) AND max(active_to) <= $1::date
     ORDER BY max(active_to) DESC, mail LIMIT ${MOST_LEAVERS + 1}`,
    [context.now],
  );
  const looked = rows.slice(0, MOST_LEAVERS);
  const counted = await pool.query<{ n: number; count: number }>(
    `SELECT w.n::int AS n, sum(d.count)::float8 AS count FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS w (term, day, n)
     JOIN event_term_day d ON d.term = w.term AND d.day >= w.day GROUP BY w.n ORDER BY w.n`,
    [
      looked.map(({ mail }) => termHash(sha256Hex, fieldTerm("person", mail))),
      looked.map(({ left_at: left }) => dayOf(new Date(left))),
    ],
  );
  return {
    left: looked.length,
    isCut: rows.length > MOST_LEAVERS,
    rows: counted.rows.flatMap(({ n, count }) => {
      const person = looked[n - 1];
      return person ? [{ mail: person.mail, name: person.name, leftAt: person.left_at, events: count }] : [];
    }),
  };
}
