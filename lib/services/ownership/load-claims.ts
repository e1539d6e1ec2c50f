import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Claim, ClaimOrigin, NamedOwner } from "#lib/domain/ownership/claim.ts";

/** Only the claims of one cluster's namespaces (`part`), or about these things (`subjects`). */
type Narrowed = { part?: string; subjects?: readonly string[] };

/** The claims about all things of a kind, or some of them, by the thing, as they stood at an instant or stand now. */
export async function loadClaims(
  sql: SqlExecutor,
  subjectKind: "account" | "namespace",
  asOf: Date | null,
  { part, subjects }: Narrowed = {},
): Promise<Map<string, Claim[]>> {
  const narrowed = [
    ...(part === undefined ? [] : [{ condition: "part = ", value: part }]),
    ...(subjects === undefined ? [] : [{ condition: "subject_key = ANY", value: [...subjects] }]),
  ];
  const { rows } = await sql.query(
    `SELECT subject_key, origin, names_kind, names_value, detail, held_from, held_to, inherited, seen_from FROM ownership_claim
     WHERE subject_kind = $1 AND CASE WHEN $2::timestamptz IS NULL THEN seen_to IS NULL
       ELSE seen_from <= $2 AND (seen_to IS NULL OR seen_to > $2) END
       ${narrowed.map(({ condition }, index) => `AND ${condition}($${index + 3})`).join(" ")}
     ORDER BY subject_key, id`,
    [subjectKind, asOf, ...narrowed.map(({ value }) => value)],
  );
  const claims = new Map<string, Claim[]>();
  for (const row of rows) {
    const key = String(row.subject_key);
    const claim: Claim = {
      origin: row.origin as ClaimOrigin,
      names: { kind: row.names_kind as NamedOwner["kind"], value: String(row.names_value) },
      detail: String(row.detail),
      readAt: (row.seen_from as Date).toISOString(),
      from: (row.held_from as Date | null)?.toISOString() ?? null,
      to: (row.held_to as Date | null)?.toISOString() ?? null,
      inherited: row.inherited === true,
    };
    const known = claims.get(key);
    if (known) known.push(claim);
    else claims.set(key, [claim]);
  }
  return claims;
}
