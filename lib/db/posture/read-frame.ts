import type { SqlExecutor } from "#lib/db/activity.ts";
import { openNumbersAt, STATE_COLUMNS, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { gapsSql, instantOf, toPartGap, type PartGap } from "#lib/db/posture/read-gaps.ts";
import { toAccepted, waiversSql, type Accepted } from "#lib/db/posture/read-waived.ts";
import { RULES_SQL, toRuleIds } from "#lib/db/posture/rule-ids.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import { dayOf } from "#lib/domain/period.ts";

/** Everything that a posture is told by beside its numbers. */
export type PostureFrame = {
  ruleIds: Map<string, number>;
  /** Rows of `TEAM_NAMES_SQL`. */
  teams: Record<string, unknown>[];
  gaps: PartGap[];
  accepted: Accepted[];
  /** Pieces of evidence by hand that are valid at the end, by control of the framework. */
  manual: Map<string, number>;
  /** When any part was last looked at with success, up to the end; null where nobody has looked. */
  lastLook: Date | null;
  numbers: NumberStore;
};

// One round trip: each of these lists is read in less time than a question takes to travel.
const FRAME = `SELECT ${Object.entries({
  rules: RULES_SQL,
  teams: teamNamesSql("$4::date"),
  gaps: gapsSql("$1::timestamptz", "$2::timestamptz"),
  accepted: waiversSql("$1::timestamptz", "$2::timestamptz"),
  manual: `SELECT control_id, count(*)::int AS n FROM manual_evidence WHERE framework_id = $3 AND uploaded_at <= $2
    AND (valid_until IS NULL OR valid_until > $2) AND (withdrawn_at IS NULL OR withdrawn_at > $2) GROUP BY 1`,
})
  .map(([name, sql]) => `(SELECT coalesce(json_agg(${name}), '[]') FROM (${sql}) ${name}) AS ${name}`)
  .join(", ")},
  ${STATE_COLUMNS}, (SELECT at FROM evaluation_look WHERE at <= $2 AND outcome <> 'failed' ORDER BY at DESC LIMIT 1) AS last_look`;

/** What holds in `(from, to]`, by what is known at `to`. */
export async function readFrame(
  sql: SqlExecutor,
  { frameworkId, from, to }: { frameworkId: string; from: Date; to: Date },
): Promise<PostureFrame> {
  const { rows } = await queryPrepared(sql, FRAME, [from, to, frameworkId, dayOf(to)]);
  const listOf = (name: string) => (rows[0]?.[name] ?? []) as Record<string, unknown>[];
  const lastLook = rows[0]?.["last_look"] ?? null;
  return {
    ruleIds: toRuleIds(listOf("rules")),
    teams: listOf("teams"),
    gaps: listOf("gaps").map(toPartGap),
    accepted: listOf("accepted").map(toAccepted),
    manual: new Map(listOf("manual").map((row) => [String(row["control_id"]), Number(row["n"])])),
    lastLook: lastLook === null ? null : instantOf(lastLook),
    numbers: await openNumbersAt(sql, rows[0] ?? {}),
  };
}

/** What teams and their business units are called on a day. Of a team that has ended the last stretch counts: what it owned then is still called so. */
export function teamNamesSql(onDay: string): string {
  return `SELECT DISTINCT ON (team_key) team_key, team_name, business_unit_key, business_unit_name FROM team_membership
    WHERE valid_from IS NULL OR valid_from <= ${onDay} ORDER BY team_key, valid_from DESC NULLS LAST`;
}
