import type { SqlExecutor } from "#lib/db/activity.ts";
import type { Claim, ClaimOrigin } from "#lib/domain/ownership/claim.ts";
import { loadClaims } from "#lib/services/ownership/load-claims.ts";

/** Where one team has at least this share of an account's cost, the account's cost speaks for the team. */
const SPEAKING_PERCENT = 90;

/** Units contain accounts that contain clusters: what is said of them is too far away from a namespace to be a hint. */
const TOO_FAR: readonly ClaimOrigin[] = ["unit-tag", "unit-name"];

/**
 * What is claimed of the account that a cluster runs in, for what runs in the cluster: the account's own tags, and the team that its
 * cost goes to by tags and rules. All of it is inherited, and so weak. Empty where the account is not known.
 *
 * @param asOf null = now.
 */
export async function loadAccountClaims(
  sql: SqlExecutor,
  accountId: string | null,
  asOf: Date | null,
): Promise<Claim[]> {
  if (accountId === null) return [];
  const providers = await sql.query(
    "SELECT DISTINCT subject_key FROM ownership_claim WHERE subject_kind = 'account' AND split_part(subject_key, ' ', 2) = $1",
    [accountId],
  );
  const subjects = providers.rows.map(({ subject_key }) => String(subject_key));
  const claims =
    subjects.length === 0 ? new Map<string, Claim[]>() : await loadClaims(sql, "account", asOf, { subjects });
  const cost = await costClaims(sql, accountId);
  const own = [...claims.values()].flat().filter(({ origin }) => !TOO_FAR.includes(origin));
  return [...own.map((claim): Claim => ({ ...claim, inherited: true })), ...cost];
}

/** The claim of the newest month's cost, in each source by itself; a source that gives it to many says nothing. */
async function costClaims(sql: SqlExecutor, accountId: string): Promise<Claim[]> {
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (o.team_key) o.team_key, p.published_at FROM (
       SELECT c.slice_id, c.owner_id, sum(c.effective) AS own, sum(sum(c.effective)) OVER (PARTITION BY c.slice_id) AS whole
       FROM cost_day_account c JOIN charge_key k ON k.id = c.key_id
       WHERE k.sub_account_id = $1 AND c.slice_id IN (
         SELECT DISTINCT ON (s.source_key) s.id FROM slice s JOIN publication p ON p.id = s.publication_id
         WHERE s.dataset = 'cost' AND EXISTS (SELECT FROM unnest(p.accounts) a WHERE split_part(a, ' ', 2) = $1 OR a LIKE '% ' || $1)
         ORDER BY s.source_key, s.period DESC)
       GROUP BY c.slice_id, c.owner_id
     ) part JOIN owner o ON o.id = part.owner_id JOIN slice s ON s.id = part.slice_id JOIN publication p ON p.id = s.publication_id
     WHERE part.owner_id > 0 AND part.whole > 0 AND part.own * 100 >= part.whole * ${SPEAKING_PERCENT}
     ORDER BY o.team_key, p.published_at`,
    [accountId],
  );
  return rows.map((row) => ({
    origin: "cost-tag",
    names: { kind: "team", value: String(row.team_key) },
    detail: `the cost of account ${accountId}`,
    readAt: (row.published_at as Date).toISOString(),
    from: null,
    to: null,
    inherited: true,
  }));
}
