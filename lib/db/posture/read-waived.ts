import type { SqlExecutor } from "#lib/db/activity.ts";
import { cellsOf, rowsByCell } from "#lib/db/posture/sheet-index.ts";
import type { NumberSheet } from "#lib/db/posture/number-sheet.ts";
import { readSheets, type NumberStore } from "#lib/db/posture/number-blocks.ts";
import { askedCells, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import { instantOf } from "#lib/db/posture/read-gaps.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** An accepted risk of a rule that is about whole cells: everything, a team, an account or a cluster. */
export type Cover = {
  ruleId: number;
  scopeKind: "all" | "team" | "account" | "cluster";
  scopeKey: string;
  from: Date;
  to: Date | null;
};

/** A failure of one resource while its risk was accepted and known: it counts at every instant of `[from, to)`. */
export type WaivedFailure = { ruleId: number; cell: PostureCell; from: Date; to: Date | null };

/** An accepted risk, whatever it is about. */
export type Accepted = Omit<Cover, "scopeKind"> & { scopeKind: string };

export type Waived = { covers: Cover[]; failures: WaivedFailure[] };

type Asked = { ruleIds: readonly number[]; from: Date; to: Date };

/**
 * The accepted risks of a stretch of time. Of those about whole cells all failures are waived, which their numbers tell; those about a
 * resource or a namespace lead to the failures that they are about, each once for an instant, however many waivers cover it.
 */
export async function readWaived(sql: SqlExecutor, asked: Asked): Promise<Waived> {
  const { ruleIds, from, to } = asked;
  const { rows } = await queryPrepared(
    sql,
    `SELECT * FROM (${waiversSql("$2", "$3")}) w WHERE rule_id = ANY($1::int[])`,
    [ruleIds, from, to],
  );
  return waivedOf(sql, rows.map(toAccepted), asked);
}

async function waivedOf(sql: SqlExecutor, accepted: readonly Accepted[], asked: Asked): Promise<Waived> {
  const covers = coversOf(accepted, asked.ruleIds);
  return { covers, failures: covers.length === accepted.length ? [] : await readFailures(sql, asked) };
}

/** Those of the accepted risks of these rules that are about whole cells. */
export function coversOf(accepted: readonly Accepted[], ruleIds: readonly number[]): Cover[] {
  return accepted.filter((one): one is Cover => isOfCells(one.scopeKind) && ruleIds.includes(one.ruleId));
}

/** A row of `waiversSql`. */
export function toAccepted(row: Record<string, unknown>): Accepted {
  return {
    ...spanOf(row),
    ruleId: Number(row["rule_id"]),
    scopeKind: String(row["scope_kind"]),
    scopeKey: String(row["scope_key"]),
  };
}

function isOfCells(scopeKind: string): scopeKind is Cover["scopeKind"] {
  return scopeKind === "all" || scopeKind === "team" || scopeKind === "account" || scopeKind === "cluster";
}

async function readFailures(sql: SqlExecutor, { ruleIds, from, to }: Asked): Promise<WaivedFailure[]> {
  const { rows } = await queryPrepared(sql, FAILURES, [ruleIds, from, to]);
  return rows.map(toFailure);
}

/** A row of `failuresSql`. */
export function toFailure(row: Record<string, unknown>): WaivedFailure {
  return {
    ...spanOf(row),
    ruleId: Number(row["rule_id"]),
    cell: {
      teamKey: String(row["team_key"]),
      accountId: String(row["account_id"]),
      clusterKey: String(row["cluster_key"]),
      environment: String(row["environment"]),
      partKey: String(row["part_key"]),
    },
  };
}

function spanOf(row: Record<string, unknown>): { from: Date; to: Date | null } {
  return { from: instantOf(row["from_at"]), to: row["to_at"] === null ? null : instantOf(row["to_at"]) };
}

/** Whether an accepted risk of a cell's rule is about the cell. */
export function isCoverOf({ scopeKind, scopeKey }: Cover, cell: PostureCell): boolean {
  if (scopeKind === "team") return cell.teamKey === scopeKey;
  if (scopeKind === "account") return cell.accountId === scopeKey;
  if (scopeKind === "cluster") return cell.clusterKey === scopeKey;
  return scopeKind === "all";
}

/** How many fail in a cell, or in a cell in one month: at the beginning of a stretch, and by how many more from an instant on, in microseconds since 1970. */
export type CoveredCell = { ruleId: number; cell: PostureCell; start: number; changes: { at: number; fail: number }[] };

/** The failures of the cells that covers are about, of those that a question is about: up to `from`, and after it up to `to`. */
export async function readCovered(
  numbers: NumberStore,
  question: NumbersQuestion,
  { covers, from, to }: { covers: readonly Cover[]; from: Date; to: Date },
): Promise<CoveredCell[]> {
  const isAsked = askedCells(question);
  const found: CoveredCell[] = [];
  if (covers.length === 0) return found;
  const covered = [...new Set(covers.map(({ ruleId }) => ruleId))];
  // Where the question reads the same grain for itself, one sheet of all rules serves both.
  const ruleIds = (await numbers.own.hasFewCells) ? question.ruleIds : covered;
  const [since, until] = [from.getTime() * 1000, to.getTime() * 1000];
  let isFirst = true;
  for await (const sheet of readSheets(numbers, { grain: "full", ruleIds }, { from, to })) {
    const { starts, rows } = rowsByCell(sheet);
    for (const place of coveredPlaces(sheet, covers)) {
      const cell = sheet.cells[place];
      const ruleId = sheet.ruleIds[sheet.rule[place] ?? 0] ?? 0;
      if (!cell || !isAsked(cell)) continue;
      const own: CoveredCell = { ruleId, cell, start: 0, changes: [] };
      for (let index = starts[place] ?? 0; index < (starts[place + 1] ?? 0); index += 1) {
        const row = rows[index] ?? 0;
        const [instant, more] = [sheet.at[row] ?? Infinity, sheet.fail[row] ?? 0];
        if (instant > until) break;
        if (more === 0 || (instant <= since && !isFirst)) continue;
        if (instant <= since) own.start += more;
        else own.changes.push({ at: instant, fail: more });
      }
      found.push(own);
    }
    isFirst = false;
  }
  return found;
}

const INDEXED = { team: "teamKey", account: "accountId", cluster: "clusterKey" } as const;

/** Each place once of the cells that any of the covers is about. */
function coveredPlaces(sheet: NumberSheet, covers: readonly Cover[]): Set<number> {
  const found = new Set<number>();
  for (const { ruleId, scopeKind, scopeKey } of covers) {
    const rule = sheet.ruleIds.indexOf(ruleId);
    const places = scopeKind === "all" ? sheet.cells.keys() : cellsOf(sheet, INDEXED[scopeKind], scopeKey);
    for (const place of places) if (sheet.rule[place] === rule) found.add(place);
  }
  return found;
}

/** The approved waivers that held in `(from, to]`, by what is known at `to`. There are few. */
export function waiversSql(from: string, to: string): string {
  return `SELECT p.id AS rule_id, w.scope_kind, w.scope_key, greatest(w.valid_from, w.decided_at) AS from_at,
      least(w.ends_at, CASE WHEN w.ended_at <= ${to} THEN w.ended_at END) AS to_at
    FROM waiver w JOIN posture_rule p USING (rule_key)
    WHERE w.decision = 'approved' AND w.decided_at <= ${to} AND w.valid_from <= ${to} AND w.ends_at > ${from}
      AND (w.ended_at IS NULL OR w.ended_at > ${from})`;
}

const SINCE = "greatest(w.from_at, e.valid_from, CASE WHEN e.is_first THEN '-infinity' ELSE e.recorded_at END)";
const UNTIL = "least(w.to_at, e.valid_to, e.retired_at)";

/** The failures of a waiver's resources; "OFFSET 0" has each waiver lead to its own, where a join would read them all. */
function failuresOf(kind: string, where: string, { from, to }: { from: string; to: string }): string {
  return `SELECT h.* FROM w CROSS JOIN LATERAL (
      SELECT e.id, e.cell_id, ${SINCE} AS from_at, ${UNTIL} AS to_at
      FROM compliance_resource r JOIN evaluation e ON e.resource_id = r.id JOIN posture_cell c ON c.id = e.cell_id AND c.rule_id = w.rule_id
      WHERE w.scope_kind = '${kind}' AND ${where} AND e.verdict = 'fail' AND e.valid_from <= ${to} AND (e.valid_to IS NULL OR e.valid_to > ${from})
      OFFSET 0
    ) h WHERE h.from_at < coalesce(h.to_at, 'infinity') AND h.from_at <= ${to} AND coalesce(h.to_at, 'infinity') > ${from}`;
}

/** The waived failures of `(from, to]` that waivers about a resource or a namespace lead to, where the waivers are named `w`, with the columns of `waiversSql`. */
export function failuresSql(from: string, to: string): string {
  const span = { from, to };
  return `SELECT c.rule_id, c.team_key, c.account_id, c.cluster_key, c.environment, c.source_key || ' ' || c.part AS part_key,
      lower(s) AS from_at, upper(s) AS to_at
    FROM (SELECT cell_id, range_agg(tstzrange(from_at, to_at, '[)')) AS spans FROM (
      ${failuresOf("namespace", "r.cluster_key = split_part(w.scope_key, ' ', 1) AND r.namespace_uid = split_part(w.scope_key, ' ', 2)", span)}
      UNION ALL
      ${failuresOf("resource", "r.kind = split_part(w.scope_key, ' ', 1) AND r.resource_key = substr(w.scope_key, strpos(w.scope_key, ' ') + 1)", span)}
    ) hit GROUP BY id, cell_id) met JOIN posture_cell c ON c.id = met.cell_id, unnest(met.spans) s`;
}

const FAILURES = `WITH w AS MATERIALIZED (SELECT * FROM (${waiversSql("$2", "$3")}) w WHERE rule_id = ANY($1::int[])) ${failuresSql("$2", "$3")}`;
