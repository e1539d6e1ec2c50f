import type { SqlExecutor } from "#lib/db/activity.ts";
import type { WaiverScope } from "#lib/domain/posture/waiver.ts";
import { AppError } from "#lib/errors.ts";

/** One query for each kind of scope: $1 is the key; answers whether it is there and, by the last that was seen, whose it is. */
const LOOK_UP: Record<Exclude<WaiverScope, "all">, string> = {
  resource: `SELECT (SELECT c.team_key FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
      WHERE e.resource_id = r.id AND e.retired_at IS NULL ORDER BY e.valid_from DESC LIMIT 1) AS team_key
    FROM compliance_resource r
    WHERE r.kind = split_part($1, ' ', 1) AND r.resource_key = substr($1, strpos($1, ' ') + 1)`,
  namespace: `SELECT team_key FROM namespace_summary
    WHERE cluster_key = split_part($1, ' ', 1) AND uid = split_part($1, ' ', 2)`,
  cluster: `SELECT NULL AS team_key FROM cluster WHERE cluster_key = $1
    UNION ALL SELECT NULL FROM compliance_resource WHERE cluster_key = $1 LIMIT 1`,
  account: `SELECT NULL AS team_key FROM cloud_account WHERE account_id = $1
    UNION ALL SELECT NULL FROM compliance_resource WHERE account_id = $1 LIMIT 1`,
  team: "SELECT team_key FROM team_membership WHERE team_key = $1 LIMIT 1",
};

/**
 * The team that what is named belongs to; null = no single one.
 *
 * @throws AppError "not_found" where nothing has this key.
 */
export async function teamOfScope(
  sql: SqlExecutor,
  { kind, key }: { kind: WaiverScope; key: string },
): Promise<string | null> {
  if (kind === "all") return null;
  const { rows } = await sql.query(LOOK_UP[kind], [key]);
  const [found] = rows;
  if (!found) {
    throw new AppError("not_found", `There is no ${kind} "${key}" that rules were evaluated on.`, {
      remedy: "Ask from the page of what fails, which knows what it is called.",
      place: { column: "scope.key", value: key },
    });
  }
  return typeof found.team_key === "string" && found.team_key !== "" ? found.team_key : null;
}
