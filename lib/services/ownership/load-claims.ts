import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Claim, ClaimOrigin, NamedOwner } from "#lib/domain/ownership/claim.ts";

/** A claim with the time for which it was made: `seenTo` null = it still is. */
export type ClaimStretch = { claim: Claim; seenFrom: Date; seenTo: Date | null };

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
    const claim = toClaim(row);
    const known = claims.get(key);
    if (known) known.push(claim);
    else claims.set(key, [claim]);
  }
  return claims;
}

/** Every claim that was ever made about accounts up to an instant or now, by the account: "AWS 111122223333". */
export async function loadAccountClaimStretches(
  sql: SqlExecutor,
  asOf: Date | null,
): Promise<Map<string, ClaimStretch[]>> {
  const { rows } = await sql.query(
    `SELECT subject_key, origin, names_kind, names_value, detail, held_from, held_to, inherited, seen_from,
       CASE WHEN seen_to <= $1 OR $1::timestamptz IS NULL THEN seen_to END AS seen_to
     FROM ownership_claim WHERE subject_kind = 'account' AND ($1::timestamptz IS NULL OR seen_from <= $1) ORDER BY subject_key, id`,
    [asOf],
  );
  return Map.groupBy(
    rows.map((row) => ({
      subject: String(row.subject_key),
      claim: toClaim(row),
      seenFrom: row.seen_from as Date,
      seenTo: row.seen_to as Date | null,
    })),
    ({ subject }) => subject,
  );
}

function toClaim(row: Record<string, unknown>): Claim {
  return {
    origin: row["origin"] as ClaimOrigin,
    names: { kind: row["names_kind"] as NamedOwner["kind"], value: String(row["names_value"]) },
    detail: String(row["detail"]),
    readAt: (row["seen_from"] as Date).toISOString(),
    from: (row["held_from"] as Date | null)?.toISOString() ?? null,
    to: (row["held_to"] as Date | null)?.toISOString() ?? null,
    inherited: row["inherited"] === true,
  };
}
