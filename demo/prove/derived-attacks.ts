import type { PoolClient } from "pg";
import type { Random } from "#demo/estate/random.ts";

/** A change by the owner of the database, to a place that chance chooses. */
export type Attack = (sql: PoolClient, random: Random) => Promise<void>;

/** Some row of a table; the condition is of SQL. */
function someRow(table: string, condition = "true"): string {
  return `ctid = (SELECT ctid FROM ${table} WHERE ${condition} ORDER BY md5(ctid::text || $1) LIMIT 1)`;
}

/** Changes, which have to change something: an attack that does nothing would prove nothing. `$1` is a number that chance chose. */
function doing(...texts: readonly string[]): Attack {
  return async (sql, random) => {
    const text = random.pick(texts);
    const values = text.includes("$1") ? [String(random.below(1_000_000))] : [];
    const { rowCount } = await sql.query(text, values);
    if (rowCount === 0) throw new Error(`Nothing was there to be attacked: ${text}`);
  };
}

/** An attack for each column, which gets what it did not have. */
function changing(table: string, sets: readonly string[], condition = "true"): Attack {
  return doing(...sets.map((set) => `UPDATE ${table} SET ${set} WHERE ${someRow(table, condition)}`));
}

const SEALED = "id NOT IN (SELECT id FROM activity_waiting)";
const OTHER_JSON = "jsonb_build_object('forged', $1::text)";

/** What the owner of the database could do to what searches find entries by, to Bursar's own log, and to what else is made of the log. */
export const DERIVED_ATTACKS: Record<string, Attack> = {
  "what a term is found at removed": doing(`DELETE FROM event_term_day WHERE ${someRow("event_term_day")}`),
  "a place of a term changed": changing("event_term_day", [
    "places = set_byte(places, length(places) - 1, (get_byte(places, length(places) - 1) + 1) % 256)",
    "places = set_byte(places, 0, get_byte(places, 0) # 1)",
    "places = substr(places, 1, length(places) - 2), count = count - 1",
  ]),
  "the count of a term changed": changing("event_term_day", ["count = count + 1", "count = count - 1"]),
  "a term exchanged": changing("event_term_day", ["term = term + 1", "day = day + 7000", "block = block + 1000"]),
  "a place given to a term twice": doing(
    `INSERT INTO event_term_day (term, day, block, piece, count, places) SELECT term, day, block, 16000, 1, substr(places, 1, 2) FROM event_term_day WHERE ${someRow("event_term_day")}`,
  ),
  "a day hidden from searches": doing(
    "DELETE FROM event_term_day WHERE day = (SELECT day FROM event_term_day ORDER BY md5(day::text || $1) LIMIT 1)",
  ),
  "the index emptied": (sql) => sql.query("TRUNCATE event_term_day").then(() => undefined),
  "the end of the index moved": doing(
    "UPDATE event_term_state SET open_block = open_block + 1",
    "DELETE FROM event_term_state",
  ),
  "a word removed": doing(`DELETE FROM event_word WHERE ${someRow("event_word")}`),
  "a word changed": changing("event_word", ["word = word || 'x'"]),
  "a word put in": doing("INSERT INTO event_word VALUES ('forged' || $1)"),
  "the words emptied": (sql) => sql.query("TRUNCATE event_word").then(() => undefined),
  "an entry of Bursar's own log changed": changing(
    "activity",
    [
      "actor_id = actor_id || 'x'",
      "role = role || 'x'",
      "action = action || 'x'",
      "subject = subject || 'x'",
      "at = at + interval '1 second'",
      `before = ${OTHER_JSON}`,
      `after = ${OTHER_JSON}`,
      "id = id + 1000000",
    ],
    SEALED,
  ),
  "an entry of Bursar's own log removed": doing(`DELETE FROM activity WHERE ${someRow("activity")}`),
  "Bursar's own log emptied": (sql) => sql.query("TRUNCATE activity").then(() => undefined),
  "an entry of Bursar's own log kept out of the trail": doing("DELETE FROM activity_waiting"),
  "a change request changed": changing("change_ticket", [
    "person = coalesce(person, '') || 'x'",
    "number = number || 'x'",
    "source_key = source_key || 'x'",
    "updated_at = updated_at + interval '1 second'",
    "planned_from = coalesce(planned_from, updated_at) - interval '1 hour'",
    "planned_to = coalesce(planned_to, updated_at) + interval '1 hour'",
    "is_approved = NOT is_approved",
    "seq = seq + 1",
  ]),
  "a change request removed": doing(
    `DELETE FROM change_ticket WHERE ${someRow("change_ticket")}`,
    "TRUNCATE change_ticket",
  ),
  "a change request put in": doing(
    `INSERT INTO change_ticket SELECT source_key, number || 'x', updated_at, seq, person, planned_from, planned_to, is_approved FROM change_ticket
     WHERE ${someRow("change_ticket")}`,
  ),
  "who made something changed": changing("making", [
    "actor = actor || 'x'",
    "person = 'other@example.com'",
    "name = name || 'x'",
    "uid = coalesce(uid, '') || 'x'",
    "through = 'other'",
    "kind = 'account'",
    "cluster_key = cluster_key || 'x'",
    "event_key = event_key || 'x'",
    "at = at + interval '1 second'",
  ]),
  "who made something removed": doing(`DELETE FROM making WHERE ${someRow("making")}`, "TRUNCATE making"),
  "who made something put in twice": doing(
    `INSERT INTO making (source_key, event_key, kind, cluster_key, name, uid, at, actor, person, through)
     SELECT source_key, event_key, kind, cluster_key, name, uid, at, actor, person, through FROM making WHERE ${someRow("making")}`,
  ),
  "a person's newest change changed": changing("namespace_person_use", [
    "person = person || 'x'",
    "action = action || 'x'",
    "at = at + interval '1 second'",
    "at = at - interval '1 second'",
    "namespace = namespace || 'x'",
    "cluster_key = cluster_key || 'x'",
  ]),
  "a person's newest change removed": doing(
    `DELETE FROM namespace_person_use WHERE ${someRow("namespace_person_use")}`,
    "TRUNCATE namespace_person_use",
  ),
  "a person's newest change put in": doing(
    `INSERT INTO namespace_person_use SELECT cluster_key, namespace || 'x', at, person, action FROM namespace_person_use
     WHERE ${someRow("namespace_person_use")}`,
  ),
};
