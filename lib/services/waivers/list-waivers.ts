import { isAllowed } from "#lib/access/permissions.ts";
import type { Actor } from "#lib/access/actor.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { waiverState, WAIVER_STATES, type WaiverState } from "#lib/domain/posture/waiver.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { toStoredWaiver, type StoredWaiver } from "#lib/services/waivers/stored-waiver.ts";
import type { WaiversQuery, WaiversView, WaiverView } from "#lib/services/waivers/waiver-view.ts";

/** More accepted risks than these are not accepted but ignored; the rest is counted and said to be cut. */
const MOST_WAIVERS = 5_000;

const DAY_MS = 86_400_000;

type Row = StoredWaiver & { ruleTitle: string | null; scopeName: string | null };

/**
 * Every waiver as it stood at an instant: those that wait for a decision and those about to end first, then by their end. Members see
 * what concerns their own team, and what holds for everybody.
 */
export async function listWaivers(context: ServiceContext, query: WaiversQuery): Promise<WaiversView> {
  await authorise(context, "compliance:read", "waivers");
  const at = query.asOf ?? context.now;
  const rows = await readWaivers(context.database.pool, context.actor, at, query.ruleKey);
  const all = rows.slice(0, MOST_WAIVERS).map((row) => toView(row, at, query.asOf === null ? context.actor : null));
  const counts = Object.fromEntries(
    WAIVER_STATES.map((state) => [state, all.filter((one) => one.state === state).length]),
  ) as Record<WaiverState, number>;
  const wanted = query.states.length === 0 ? WAIVER_STATES : query.states;
  return {
    waivers: all
      .filter(({ state }) => wanted.includes(state))
      .toSorted((a, b) => orderOf(a) - orderOf(b) || compareEnds(a, b) || a.id - b.id),
    counts,
    isCut: rows.length > MOST_WAIVERS,
  };
}

function orderOf({ state }: WaiverView): number {
  return WAIVER_STATES.indexOf(state);
}

/** What stands by its end, soonest first; what is past, newest first. */
function compareEnds(a: WaiverView, b: WaiverView): number {
  const isPast = ["expired", "ended", "refused"].includes(a.state);
  return (Date.parse(a.endsAt) - Date.parse(b.endsAt)) * (isPast ? -1 : 1);
}

async function readWaivers(sql: SqlExecutor, actor: Actor, at: Date, ruleKey: string | null): Promise<Row[]> {
  const { rows } = await sql.query(
    `SELECT w.*, (SELECT r.title FROM compliance_rule r WHERE r.rule_key = w.rule_key ORDER BY r.seen_from DESC LIMIT 1) AS rule_title,
       CASE w.scope_kind
         WHEN 'resource' THEN (SELECT name FROM compliance_resource
           WHERE kind = split_part(w.scope_key, ' ', 1) AND resource_key = substr(w.scope_key, strpos(w.scope_key, ' ') + 1))
         WHEN 'namespace' THEN (SELECT cluster_key || ' / ' || name FROM namespace_summary
           WHERE cluster_key = split_part(w.scope_key, ' ', 1) AND uid = split_part(w.scope_key, ' ', 2))
         WHEN 'account' THEN (SELECT name FROM cloud_account WHERE account_id = w.scope_key ORDER BY seen_from DESC LIMIT 1)
         WHEN 'team' THEN (SELECT team_name FROM team_membership WHERE team_key = w.scope_key ORDER BY valid_from DESC NULLS LAST LIMIT 1)
       END AS scope_name
     FROM waiver w
     WHERE w.requested_at <= $1 AND ($2::text IS NULL OR w.rule_key = $2)
       AND ($3::text IS NULL OR w.requested_by = $4 OR w.scope_kind = 'all' OR (w.scope_kind = 'team' AND w.scope_key = $3)
         OR (w.scope_kind = 'namespace' AND EXISTS (SELECT 1 FROM namespace_summary
           WHERE cluster_key = split_part(w.scope_key, ' ', 1) AND uid = split_part(w.scope_key, ' ', 2) AND team_key = $3))
         OR (w.scope_kind = 'resource' AND EXISTS (SELECT 1 FROM compliance_resource r JOIN evaluation e ON e.resource_id = r.id
           JOIN posture_cell c ON c.id = e.cell_id AND c.team_key = $3
           WHERE r.kind = split_part(w.scope_key, ' ', 1) AND r.resource_key = substr(w.scope_key, strpos(w.scope_key, ' ') + 1)
             AND e.retired_at IS NULL AND e.valid_to IS NULL)))
     ORDER BY w.ends_at DESC, w.id DESC LIMIT $5`,
    [at, ruleKey, actor.role === "member" ? (actor.teamKey ?? "") : null, actor.id, MOST_WAIVERS + 1],
  );
  return rows.map((row) => ({
    ...toStoredWaiver(row),
    ruleTitle: row.rule_title as string | null,
    scopeName: row.scope_name as string | null,
  }));
}

/** @param actor who may act on it; null where the past is looked at, which nobody can change. */
function toView(row: Row, at: Date, actor: Actor | null): WaiverView {
  const state = waiverState(row, at);
  const isDecided = row.decidedAt !== null && row.decidedAt <= at;
  const isEnded = row.endedAt !== null && row.endedAt <= at;
  const isOwn = actor !== null && row.requestedBy === actor.id;
  const mayDecide = actor !== null && isAllowed(actor, "waivers:decide");
  const mayEnd = mayDecide || (isOwn && isAllowed(actor, "waivers:request"));
  return {
    id: row.id,
    rule: { key: row.ruleKey, title: row.ruleTitle ?? row.ruleKey },
    scope: {
      kind: row.scopeKind,
      key: row.scopeKey,
      name: row.scopeKind === "all" ? "everything" : (row.scopeName ?? row.scopeKey),
    },
    reason: row.reason,
    requestedBy: row.requestedBy,
    requestedAt: row.requestedAt.toISOString(),
    validFrom: row.validFrom.toISOString(),
    endsAt: row.endsAt.toISOString(),
    decision: isDecided ? row.decision : null,
    decidedBy: isDecided ? row.decidedBy : null,
    decidedAt: isDecided ? (row.decidedAt?.toISOString() ?? null) : null,
    decisionNote: isDecided ? row.decisionNote : null,
    endedAt: isEnded ? (row.endedAt?.toISOString() ?? null) : null,
    endedBy: isEnded ? row.endedBy : null,
    state,
    daysLeft: Math.floor((row.endsAt.getTime() - at.getTime()) / DAY_MS),
    may: {
      decide: state === "waiting" && mayDecide && !isOwn,
      end: ["waiting", "active", "ending", "upcoming"].includes(state) && mayEnd,
    },
  };
}
