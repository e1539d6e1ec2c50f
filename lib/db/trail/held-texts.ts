import { coveringCondition, isInForce } from "#lib/db/trail/holds.ts";

/** Where in a row stands what it was made of: SQL; null = the row does not tell, so that any hold may be about it. */
type TextColumns = Record<"account" | "cluster" | "namespace" | "source" | "at", string | null>;

/** A table with texts that were made of events. `only`: a condition; `holds`: SQL, the ids of the holds that a row `t` is inside of. */
export type TextTable = { table: string; columns: string[]; only?: string; holds: string };

/** A namespace's life has one name. */
const NAMESPACE = "(SELECT min(n.name) FROM namespace n WHERE n.cluster_key = t.cluster_key AND n.uid = t.uid)";
/** Owners of a namespace are also made of what its account's makers did, and nothing says from when. */
const OF_NAMESPACE: TextColumns = {
  account: null,
  cluster: "t.cluster_key",
  namespace: NAMESPACE,
  source: null,
  at: null,
};
const CLAIMED_NAMESPACE =
  "(SELECT min(n.name) FROM namespace n WHERE n.cluster_key = t.part AND t.subject_key = n.cluster_key || ' ' || n.uid)";

/** Texts that were made of events: columns with a text, and columns with JSON. Beside `t` stands `asked`, with the columns now and pseudonym. */
export const TEXT_TABLES: readonly TextTable[] = [
  table(["making", "actor", "person", "through"], {
    holds: ofEvent("e.source_key = t.source_key AND e.event_key = t.event_key AND e.occurred_at = t.at"),
  }),
  table(["namespace_person_use", "person", "action"], {
    holds: ofEvent("e.occurred_at = t.at AND e.cluster_key = t.cluster_key AND e.namespace = t.namespace"),
  }),
  table(["change_ticket", "person"], { holds: ofEvent("e.seq = t.seq AND e.occurred_at = t.updated_at") }),
  // What other sources say now is read from them again; what they said before stays as it was read.
  table(["ownership_claim", "names_value", "detail"], {
    only: "t.origin = 'audit-log'",
    holds: ofText(["names_value", "detail"], {
      account: null,
      // Who asked for an account did it in no cluster.
      cluster: "t.part",
      namespace: `CASE t.subject_kind WHEN 'account' THEN '' ELSE ${CLAIMED_NAMESPACE} END`,
      source: "t.source_key",
      at: "t.held_from",
    }),
  }),
  ...["namespace_owner", "namespace_summary"].map((name) =>
    table([name, "reasons"], { holds: ofText(["reasons"], OF_NAMESPACE) }),
  ),
  ...["namespace_verdict", "namespace_state"].map((name) =>
    table([name, "judgement"], { holds: ofText(["judgement"], OF_NAMESPACE) }),
  ),
  // What somebody looks for is no evidence of what anybody did.
  table(["saved_search", "search"], { holds: "'{}'::int[]" }),
  table(["finding", "message", "sample"], {
    holds: ofText(null, {
      account: null,
      cluster: null,
      namespace: null,
      source: "(SELECT s.source_key FROM slice s WHERE s.id = t.slice_id)",
      at: null,
    }),
  }),
];

function table([name = "", ...columns]: readonly string[], rest: Pick<TextTable, "only" | "holds">): TextTable {
  return { table: name, columns, ...rest };
}

/** The holds on the event that a row was made of. */
function ofEvent(place: string): string {
  return `ARRAY(SELECT DISTINCT h.id FROM event e JOIN trail_hold h ON ${coveringCondition("asked.now")} WHERE ${place} ORDER BY h.id)`;
}

/**
 * The holds that may be on an event that a row was made of. One on a person is on it where the row names that person; where it does not, only of
 * somebody in the directory is it known that they are somebody else. `columns` null: a piece of a record, which need not name whoever acted.
 */
function ofText(columns: readonly string[] | null, { account, cluster, namespace, source, at }: TextColumns): string {
  const isEqual = (name: string, place: string | null) =>
    place === null ? "" : `AND (h.${name} IS NULL OR coalesce(${place}, h.${name}) = h.${name})`;
  const isInTime =
    at === null
      ? ""
      : `AND (${at} IS NULL OR (h."from" IS NULL OR ${at} >= h."from") AND (h."to" IS NULL OR ${at} < h."to"))`;
  const text = columns?.map((column) => `t.${column}::text`).join(", ");
  const mayBeAbout =
    text === undefined
      ? ""
      : `AND (h.person IS NULL OR position(h.person IN lower(concat_ws(' ', ${text}))) > 0 OR position(asked.pseudonym IN h.person) > 0
        OR NOT EXISTS (SELECT FROM person p WHERE lower(p.mail) = h.person))`;
  return `ARRAY(SELECT h.id FROM trail_hold h WHERE ${isInForce("asked.now")} ${mayBeAbout} ${isEqual("account_id", account)}
    ${isEqual("cluster_key", cluster)} ${isEqual("namespace", namespace)} ${isEqual("source_key", source)} ${isInTime} ORDER BY h.id)`;
}
