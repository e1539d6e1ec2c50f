import { dayOf } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { PostureOption, PostureOptionKind } from "#lib/services/posture/posture-option-view.ts";

/** More choices than these are searched, not scrolled; the list is cut by name and says so by its length. */
const MOST_OPTIONS = 2_000;

/** Each answers key and label of everything that evaluations have been counted by, for one team where $2 is set. */
const CHOICES: Record<PostureOptionKind, string> = {
  team: `SELECT c.team_key AS key, coalesce(max(t.team_name), c.team_key) AS label FROM cells c
    LEFT JOIN teams t ON t.team_key = c.team_key GROUP BY c.team_key`,
  unit: `SELECT t.business_unit_key AS key, max(t.business_unit_name) AS label FROM cells c
    JOIN teams t ON t.team_key = c.team_key WHERE t.business_unit_key <> '' GROUP BY 1`,
  account: `SELECT c.account_id AS key, coalesce(max(a.name), c.account_id) AS label FROM cells c
    LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, name FROM cloud_account ORDER BY account_id, seen_from DESC) a
      ON a.account_id = c.account_id WHERE c.account_id <> '' GROUP BY c.account_id`,
  cluster: "SELECT cluster_key AS key, cluster_key AS label FROM cells WHERE cluster_key <> '' GROUP BY cluster_key",
  environment:
    "SELECT environment AS key, environment AS label FROM cells WHERE environment <> '' GROUP BY environment",
};

/** What compliance can be narrowed by. A member chooses among what is the own team's. */
export async function listPostureOptions(
  context: ServiceContext,
  { kind, asOf }: { kind: PostureOptionKind; asOf: Date | null },
): Promise<PostureOption[]> {
  await authorise(context, "compliance:read", "posture");
  const { actor, database, now } = context;
  const { rows } = await database.pool.query<PostureOption>(
    `WITH cells AS (SELECT * FROM posture_cell WHERE grain = 'full' AND ($2::text IS NULL OR team_key = $2)),
       teams AS (SELECT DISTINCT ON (team_key) team_key, team_name, business_unit_key, business_unit_name FROM team_membership
         WHERE (valid_from IS NULL OR valid_from <= $1) AND (valid_to IS NULL OR valid_to > $1) ORDER BY team_key, valid_from DESC NULLS LAST)
     SELECT key, label FROM (${CHOICES[kind]}) AS choice ORDER BY lower(label), key LIMIT ${MOST_OPTIONS}`,
    [dayOf(asOf ?? now), actor.role === "member" ? (actor.teamKey ?? "") : null],
  );
  return rows;
}
