import type { SqlExecutor } from "#lib/db/activity.ts";
import { AppError } from "#lib/errors.ts";

type Wrong = { rule_key: string; kind: string; resource_key: string };

/** What can be wrong with staged items: a sentence, and the rows that it is true of. */
const MISTAKES: readonly { says: string; where: string }[] = [
  { says: "names a rule that is not among the source's rules", where: "NOT rule_key = ANY($1)" },
  { says: "has an unknown verdict", where: "verdict NOT IN ('pass', 'fail', 'unknown', 'not_applicable')" },
  { says: "begins or ends after the look", where: "valid_from > $2 OR valid_to > $2" },
  { says: "ends before it begins", where: "valid_to <= valid_from OR valid_to IS NOT NULL AND valid_from IS NULL" },
];

/** Refuses staged items that no line of time could be made of: publishing half of a part would be worse than keeping the last one. */
export async function checkStage(
  sql: SqlExecutor,
  { ruleKeys, at }: { ruleKeys: readonly string[]; at: Date },
): Promise<void> {
  await sql.query("ANALYZE incoming");
  for (const { says, where } of MISTAKES) {
    const { rows } = await sql.query(
      `SELECT rule_key, kind, resource_key FROM incoming, (SELECT $1::text[], $2::timestamptz) given WHERE ${where} LIMIT 1`,
      [ruleKeys, at],
    );
    if (rows[0]) throw refusal(rows[0] as Wrong, says);
  }
  const { rows } = await sql.query(
    `SELECT rule_key, kind, resource_key FROM (
       SELECT *, lag(coalesce(valid_to, 'infinity')) OVER own > coalesce(valid_from, $1) AS collides FROM incoming
       WINDOW own AS (PARTITION BY rule_key, kind, resource_key ORDER BY coalesce(valid_from, $1), valid_to)
     ) o WHERE collides LIMIT 1`,
    [at],
  );
  if (rows[0]) throw refusal(rows[0] as Wrong, "comes twice for the same time");
}

function refusal({ rule_key: rule, kind, resource_key: key }: Wrong, says: string): AppError {
  return new AppError("bad_data", `The evaluation of ${kind} ${key} by ${rule} ${says}.`, {
    remedy: "This is a mistake of the source; nothing of this look was taken over.",
    place: { column: rule, value: key },
  });
}
