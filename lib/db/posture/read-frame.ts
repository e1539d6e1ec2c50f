import type { SqlExecutor } from "#lib/db/activity.ts";
import { openNumbersAt, STATE_COLUMNS, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { gapsSql, instantOf, reasonSql, toPartGap, type PartGap } from "#lib/db/posture/read-gaps.ts";
import {
  failuresSql,
  toAccepted,
  toFailure,
  waiversSql,
  type Accepted,
  type WaivedFailure,
} from "#lib/db/posture/read-waived.ts";
import { RULES_SQL, toRuleIds } from "#lib/db/posture/rule-ids.ts";
import { queryPrepared } from "#lib/db/prepared.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { Framework } from "#lib/domain/posture/framework.ts";

/** Everything that a posture is told by beside its numbers. */
export type PostureFrame = {
  ruleIds: ReadonlyMap<string, number>;
  /** Rows of `TEAM_NAMES_SQL`; the same list as long as they say the same. */
  teams: readonly Record<string, unknown>[];
  gaps: PartGap[];
  /** As `readReasons` tells of the gaps that are open at the end, by "source part". */
  reasons: Map<string, string>;
  /** Of the framework's rules. */
  accepted: Accepted[];
  failures: WaivedFailure[];
  /** Pieces of evidence by hand that are valid at the end, by control of the framework. */
  manual: Map<string, number>;
  /** When any part was last looked at with success, up to the end; null where nobody has looked. */
  lastLook: Date | null;
  numbers: NumberStore;
};

const [FROM, TO] = ["$1::timestamptz", "$2::timestamptz"];

// One round trip: each of these lists is read in less time than a question takes to travel. What is long and seldom changes comes as
// text, which tells whether it has been read before.
const FRAME = `WITH w AS MATERIALIZED (SELECT * FROM (${waiversSql(FROM, TO)}) w WHERE rule_id IN (
    SELECT id FROM posture_rule WHERE rule_key = ANY($5::text[]) OR EXISTS (SELECT FROM unnest($6::text[]) beginning WHERE starts_with(rule_key, beginning))
  ))
  SELECT ${Object.entries({
    gaps: `SELECT *, CASE WHEN gap_to IS NULL THEN (${reasonSql("g", TO)}) END AS reason FROM (${gapsSql(FROM, TO)}) g`,
    accepted: "SELECT * FROM w",
    failures: failuresSql(FROM, TO),
    manual: `SELECT control_id, count(*)::int AS n FROM manual_evidence WHERE framework_id = $3 AND uploaded_at <= $2
      AND (valid_until IS NULL OR valid_until > $2) AND (withdrawn_at IS NULL OR withdrawn_at > $2) GROUP BY 1`,
  })
    .map(([name, sql]) => `${listSql(name, sql)} AS ${name}`)
    .join(
      ", ",
    )}, ${listSql("rules", RULES_SQL)}::text AS rules, ${listSql("teams", teamNamesSql("$4::date"))}::text AS teams,
  ${STATE_COLUMNS}, (SELECT at FROM evaluation_look WHERE at <= $2 AND outcome <> 'failed' ORDER BY at DESC LIMIT 1) AS last_look`;

function listSql(name: string, sql: string): string {
  return `(SELECT coalesce(json_agg(${name}), '[]') FROM (${sql}) ${name})`;
}

/** What holds in `(from, to]`, by what is known at `to`. */
export async function readFrame(
  sql: SqlExecutor,
  { framework, from, to }: { framework: Framework; from: Date; to: Date },
): Promise<PostureFrame> {
  const { exact, beginnings } = namedRules(framework);
  const { rows } = await queryPrepared(sql, FRAME, [from, to, framework.id, dayOf(to), exact, beginnings]);
  const listOf = (name: string) => (rows[0]?.[name] ?? []) as Record<string, unknown>[];
  const lastLook = rows[0]?.["last_look"] ?? null;
  const reasons = listOf("gaps").filter((row) => row["reason"] !== null);
  return {
    ruleIds: rememberedRules(rows[0]?.["rules"]),
    teams: rememberedRows(rows[0]?.["teams"]),
    gaps: listOf("gaps").map(toPartGap),
    reasons: new Map(
      reasons.map((row) => [`${String(row["source_key"])} ${String(row["part"])}`, String(row["reason"])]),
    ),
    accepted: listOf("accepted").map(toAccepted),
    failures: listOf("failures").map(toFailure),
    manual: new Map(listOf("manual").map((row) => [String(row["control_id"]), Number(row["n"])])),
    lastLook: lastLook === null ? null : instantOf(lastLook),
    numbers: await openNumbersAt(sql, rows[0] ?? {}),
  };
}

/** What has been made of a text most recently, for so many texts. */
function remembered<T>(make: (text: string) => T): (text: unknown) => T {
  const known = new Map<string, T>();
  return (sent) => {
    const text = typeof sent === "string" ? sent : "[]";
    const value = known.get(text) ?? make(text);
    known.delete(text);
    known.set(text, value);
    for (const oldest of known.keys()) if (known.size > MOST_TEXTS) known.delete(oldest);
    return value;
  };
}

/** Names of teams as of several days, and of the databases of several tests. Each text has about 100 bytes a row. */
const MOST_TEXTS = 16;
const rememberedRows = remembered((text) => JSON.parse(text) as readonly Record<string, unknown>[]);
const rememberedRules = remembered((text): ReadonlyMap<string, number> => toRuleIds(rememberedRows(text)));

/** What a framework calls rules by, see `isRuleMeant`. */
function namedRules({ controls }: Framework): { exact: string[]; beginnings: string[] } {
  const names = [...new Set(controls.flatMap(({ rules }) => rules))];
  return {
    exact: names.filter((name) => !name.endsWith("*")),
    beginnings: names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1)),
  };
}

/** What teams and their business units are called on a day. Of a team that has ended the last stretch counts: what it owned then is still called so. */
export function teamNamesSql(onDay: string): string {
  return `SELECT DISTINCT ON (team_key) team_key, team_name, business_unit_key, business_unit_name FROM team_membership
    WHERE valid_from IS NULL OR valid_from <= ${onDay} ORDER BY team_key, valid_from DESC NULLS LAST`;
}
