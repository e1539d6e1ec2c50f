import { loadEvidence } from "#lib/db/posture/store-evidence.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { EvidenceView } from "#lib/services/posture/posture-view.ts";

/**
 * What a source answered, word for word, by its hash. A member reads what is, or was, said of the own team's resources.
 *
 * @throws AppError "not_found".
 */
export async function readEvidence(context: ServiceContext, { hash }: { hash: string }): Promise<EvidenceView> {
  await authorise(context, "compliance:read", "evidence");
  const { pool } = context.database;
  const { role, teamKey } = context.actor;
  const text = (await isOwn()) ? await loadEvidence(pool, hash) : null;
  if (text === null)
    throw new AppError("not_found", `There is no evidence ${hash}.`, { remedy: "Copy the whole hash from its row." });
  const content: unknown = JSON.parse(text);
  return { hash, content };

  async function isOwn(): Promise<boolean> {
    if (role !== "member") return true;
    const { rows } = await pool.query(
      `SELECT FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
       WHERE e.evidence_hash = $1 AND c.team_key = $2 AND $2 <> '' LIMIT 1`,
      [hash, teamKey ?? ""],
    );
    return rows.length > 0;
  }
}
