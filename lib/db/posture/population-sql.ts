/** A population of stretches: at an instant (`from` null), or over `[from, known)`. Null lists narrow nothing. */
export type Population = {
  /** What was known at this instant counts: the instant itself, or the period's end. */
  known: Date;
  from: Date | null;
  /** The rules that are asked for, by posture_rule's numbers, and the controls that each speaks for; as long as each other. */
  ruleIds: readonly number[];
  controls: readonly string[];
  teams: readonly string[] | null;
  accounts: readonly string[] | null;
  clusters: readonly string[] | null;
  environments: readonly string[] | null;
  verdicts: readonly string[] | null;
  resourceId: number | null;
};

export type Sql = { text: string; values: unknown[] };

/** What was known at an instant. What the first look at a part brought is known for all time before it: nothing contradicted it then. */
export function knownAt(instant: string): string {
  return `(e.recorded_at <= ${instant} OR e.is_first) AND (e.retired_at IS NULL OR e.retired_at > ${instant})`;
}

/** The stretches e of cells c and resources r that a population is of. `$1` known … `$10` resource. */
function fromWhere({ from }: Population): string {
  const isThere =
    from === null
      ? "e.valid_from <= $1::timestamptz AND (e.valid_to IS NULL OR e.valid_to > $1::timestamptz) AND $2::timestamptz IS NULL"
      : "e.valid_from < $1::timestamptz AND (e.valid_to IS NULL OR e.valid_to > $2::timestamptz)";
  return `FROM unnest($3::int[], $4::text[]) AS asked (rule_id, controls)
    JOIN posture_rule p ON p.id = asked.rule_id
    JOIN posture_cell c ON c.grain = 'full' AND c.rule_id = asked.rule_id
    JOIN evaluation e ON e.cell_id = c.id
    JOIN compliance_resource r ON r.id = e.resource_id
    WHERE ${isThere} AND ${knownAt("$1::timestamptz")}
      AND ($5::text[] IS NULL OR c.team_key = ANY($5::text[])) AND ($6::text[] IS NULL OR c.account_id = ANY($6::text[]))
      AND ($7::text[] IS NULL OR c.cluster_key = ANY($7::text[])) AND ($8::text[] IS NULL OR c.environment = ANY($8::text[]))
      AND ($9::text[] IS NULL OR e.verdict = ANY($9::text[])) AND ($10::int IS NULL OR e.resource_id = $10::int)`;
}

/** The order of everything that is exported or drawn from: by names, so that it is the same in every installation. */
const ORDER = `p.rule_key COLLATE "C", r.kind COLLATE "C", r.resource_key COLLATE "C", c.source_key COLLATE "C", c.part COLLATE "C", e.valid_from`;

export function valuesOf(population: Population): unknown[] {
  const { known, from, ruleIds, controls, teams, accounts, clusters, environments, verdicts, resourceId } = population;
  return [known, from, ruleIds, controls, teams, accounts, clusters, environments, verdicts, resourceId];
}

/** How many stretches there are. */
export function countSql(population: Population): Sql {
  return { text: `SELECT count(*)::int AS n ${fromWhere(population)}`, values: valuesOf(population) };
}

/** The ids of the stretches in their order, with their places counted from 0: `rank`, `id`. */
export function rankedSql(population: Population): Sql {
  return {
    text: `SELECT e.id, row_number() OVER (ORDER BY ${ORDER}) - 1 AS rank ${fromWhere(population)}`,
    values: valuesOf(population),
  };
}

/** `ORDER` by the columns of the rows that `rowsSql` answers, under a name. */
export function rowOrder(rows: string): string {
  const names = ["rule_key", "kind", "resource_key", "source_key", "part"].map(
    (column) => `${rows}.${column} COLLATE "C"`,
  );
  return `${names.join(", ")}, ${rows}.valid_from`;
}

/**
 * The stretches y of a period as rows x, cut where a gap of their part begins or ends, and failures also where an accepted risk does: each row is
 * one thing for its whole time, and its beginning tells which.
 */
function piecesOf(stretches: string): string {
  return `y AS (${stretches}), x AS (
      SELECT y.id, y.source_key, y.part, y.rule_id, y.rule_key, y.controls, y.resource_id, y.kind, y.resource_key, y.name, y.account_id, y.region,
        y.cluster_key, y.namespace_uid, y.environment, y.team_key, y.verdict, y.note, y.held_from, y.recorded_at, y.evidence_hash,
        piece.valid_from, CASE WHEN piece.valid_to <= $1::timestamptz THEN piece.valid_to END AS valid_to
      FROM y LEFT JOIN silent s ON s.source_key = y.source_key AND s.part = y.part
      LEFT JOIN accepted a ON a.rule_key = y.rule_key AND y.verdict = 'fail' AND a.scopes && ${scopesOf("y")}
      CROSS JOIN LATERAL (SELECT CASE WHEN s.part IS NULL AND a.rule_key IS NULL THEN '{}'::timestamptz[] ELSE ARRAY(
        SELECT DISTINCT at FROM (
          SELECT unnest(s.edges) AS at UNION ALL
          SELECT unnest(ARRAY[greatest(w.valid_from, w.decided_at), least(w.ends_at, w.ended_at)]) FROM waiver w
          WHERE a.rule_key IS NOT NULL AND w.rule_key = y.rule_key AND w.decision = 'approved' AND w.decided_at < $1::timestamptz AND ${inScope("y")}) edge
        WHERE at > y.valid_from AND at < least(y.valid_to, $1::timestamptz) ORDER BY at) END AS cuts) inner_edges
      CROSS JOIN LATERAL unnest(array_prepend(y.valid_from, cuts), array_append(cuts, y.valid_to)) AS piece (valid_from, valid_to))`;
}

/**
 * Every column of the rows, in their order. `also` is a further condition on the stretches e, `order` names columns of the rows x. An accepted
 * risk and a gap are looked up at the instant; over a period at the beginning of each row, as rows are cut where either begins or ends.
 */
export function rowsSql(
  population: Population,
  { also = "", order = rowOrder("x"), orderedBy = "" }: { also?: string; order?: string; orderedBy?: string } = {},
): Sql {
  const isPeriod = population.from !== null;
  const at = isPeriod ? "x.valid_from" : "$1::timestamptz";
  const stretches = `
      SELECT e.id, c.source_key, c.part, p.id AS rule_id, p.rule_key, asked.controls, r.id AS resource_id, r.kind, r.resource_key, r.name,
        nullif(c.account_id, '') AS account_id, r.region, r.cluster_key, r.namespace_uid, c.environment, c.team_key, e.verdict, e.note,
        ${isPeriod ? "greatest(e.valid_from, $2::timestamptz)" : "e.valid_from"} AS valid_from,
        ${isPeriod ? "e.valid_to" : "CASE WHEN e.valid_to < $1::timestamptz THEN e.valid_to END AS valid_to"},
        e.held_from, e.recorded_at, e.evidence_hash
      ${fromWhere(population)} ${also}
    `;
  // A million rows are sorted once, at the end, and by as many processes as there are: nothing here may keep them from that, as a CTE that is
  // materialised would. Accepted risks are looked for where a rule has any of what fails, and the array says so in a tenth of the time.
  return {
    text: `WITH named AS (
      SELECT DISTINCT ON (source_key, part, rule_key) source_key, part, rule_key, title, severity FROM compliance_rule
      ORDER BY source_key, part, rule_key, (seen_from <= $1::timestamptz AND (seen_to IS NULL OR seen_to > $1::timestamptz)) DESC, seen_from
    ), accepted AS NOT MATERIALIZED (
      SELECT rule_key, array_agg(${SCOPE}) AS scopes FROM waiver w WHERE decision = 'approved' AND decided_at <= $1::timestamptz
        AND valid_from <= $1::timestamptz AND ends_at > coalesce($2::timestamptz, $1::timestamptz) GROUP BY rule_key
    ), silent AS NOT MATERIALIZED (
      SELECT source_key, part, range_agg(tstzrange(gap_from, gap_to)) AS spans${isPeriod ? ", array_agg(gap_from) || array_agg(gap_to) AS edges" : ""} FROM (
        SELECT source_key, part, gap_from, gap_to FROM evaluation_gap WHERE gap_from <= $1::timestamptz AND gap_to >= coalesce($2::timestamptz, $1::timestamptz)
        UNION ALL SELECT source_key, part, good_until, NULL FROM evaluation_part WHERE good_until <= $1::timestamptz) g GROUP BY 1, 2
    ), ${isPeriod ? piecesOf(stretches) : `x AS (${stretches})`}
    SELECT rows.*, (risk).id AS waiver_id, (risk).reason AS waiver_reason, (risk).ends_at AS waiver_ends_at FROM (
      SELECT x.*, n.title, n.severity, coalesce(s.spans @> ${at}, false) AS is_gap,
        CASE WHEN x.verdict = 'fail' AND a.scopes && ${scopesOf("x")} THEN (
          SELECT w FROM waiver w WHERE w.rule_key = x.rule_key AND w.decision = 'approved' AND w.decided_at <= ${at} AND w.valid_from <= ${at} AND w.ends_at > ${at}
            AND (w.ended_at IS NULL OR w.ended_at > ${at}) AND ${inScope("x")} ORDER BY w.id LIMIT 1) END AS risk
      FROM x LEFT JOIN named n ON n.source_key = x.source_key AND n.part = x.part AND n.rule_key = x.rule_key
      LEFT JOIN silent s ON s.source_key = x.source_key AND s.part = x.part
      LEFT JOIN accepted a ON a.rule_key = x.rule_key ${orderedBy}
      ORDER BY ${order}
    ) rows`,
    values: valuesOf(population),
  };
}

/**
 * As `rowsSql`, for all rows of a large population: the names of rules and resources are put in order once each, as comparing those of a million
 * rows takes longer than everything else. LEFT, as the database would think that few rows are left by a list whose length it cannot know.
 */
export function wholeSql(population: Population): Sql {
  return rowsSql(population, {
    orderedBy: `LEFT JOIN ${placesOf("posture_rule", ["rule_key"])} AS po (id, place) ON po.id = x.rule_id
      LEFT JOIN ${placesOf("compliance_resource", ["kind", "resource_key"])} AS ro (id, place) ON ro.id = x.resource_id`,
    order: `(po.place << 32) + ro.place, x.source_key COLLATE "C", x.part COLLATE "C", x.valid_from`,
  });
}

/** The ids of a table with their places by these columns, which no two rows have alike. */
function placesOf(table: string, columns: readonly string[]): string {
  const names = columns.map((column) => `${column} COLLATE "C"`).join(", ");
  return `unnest(ARRAY(SELECT id FROM ${table} ORDER BY ${names})) WITH ORDINALITY`;
}

/** What the waiver w is about, as one text. */
const SCOPE = "CASE w.scope_kind WHEN 'all' THEN 'all' ELSE w.scope_kind || ' ' || w.scope_key END";

/** The texts of everything that a waiver may be about to be about a row. What the row has not is NULL among them, and equals nothing. */
function scopesOf(row: string): string {
  return `ARRAY['all', 'team ' || ${row}.team_key, 'account ' || ${row}.account_id, 'cluster ' || ${row}.cluster_key,
    'namespace ' || ${row}.cluster_key || ' ' || ${row}.namespace_uid, 'resource ' || ${row}.kind || ' ' || ${row}.resource_key]`;
}

/** Whether the waiver w is about a row that has a team, an account, a cluster, a namespace and a resource. */
export function inScope(row: string): string {
  return `CASE w.scope_kind WHEN 'all' THEN true WHEN 'team' THEN w.scope_key = ${row}.team_key WHEN 'account' THEN w.scope_key = ${row}.account_id
    WHEN 'cluster' THEN w.scope_key = ${row}.cluster_key WHEN 'namespace' THEN w.scope_key = ${row}.cluster_key || ' ' || ${row}.namespace_uid
    WHEN 'resource' THEN w.scope_key = ${row}.kind || ' ' || ${row}.resource_key ELSE false END`;
}
