import type { SqlExecutor } from "#lib/db/activity.ts";
import { readStandings } from "#lib/db/sprawl/cluster-standings.ts";
import { findSummary, type SummaryRow } from "#lib/db/sprawl/list-namespaces.ts";
import { summaryRelation } from "#lib/db/sprawl/summary-relation.ts";
import { readSplitCosts, readSplitHeads } from "#lib/db/cluster-bill/read-splits.ts";
import { COST_DAYS, readCostRange } from "#lib/db/sprawl/refresh-costs.ts";
import { isAllowed } from "#lib/access/permissions.ts";
import type { DormancyJudgement } from "#lib/domain/dormancy/judge-dormancy.ts";
import { sum, toAmount } from "#lib/domain/money.ts";
import { addDays, day, dayOf } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { bindingsOf, contentViewOf, guardrailsOf } from "#lib/services/namespaces/content-view.ts";
import { WINDOW_DAYS } from "#lib/services/namespaces/judge-namespaces.ts";
import { readExemptions, readOverrides } from "#lib/services/namespaces/read-decisions.ts";
import { readHistory, readEvents, readLives } from "#lib/services/namespaces/read-history.ts";
import type { NamespaceAddress, NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import type { StoredContent } from "#lib/services/namespaces/stored-namespace.ts";
import { namespaceOwnerAt } from "#lib/services/ownership/owner-at.ts";
import { loadTeamNames, toNamespaceRow, toStanding } from "#lib/services/sprawl/to-namespace-row.ts";

/**
 * One namespace with all that is known of it: whose it is by every claim, whether it is used by every sign, what is in it, who may do
 * what there, and what has changed. As of an instant: whose it was, what it said and cost then; what was inside
 * and why it was judged so are kept of the look that first gave the verdict of then.
 *
 * @throws AppError "not_found", also where a member asks for another team's.
 */
export async function readNamespace(
  context: ServiceContext,
  { asOf, ...address }: NamespaceAddress & { asOf: Date | null },
): Promise<NamespaceView> {
  await authorise(context, "sprawl:read", `namespace ${address.clusterKey} ${address.name ?? address.uid ?? ""}`);
  const { pool } = context.database;
  const summary = await findLife(context, address, asOf);
  const { cluster_key: clusterKey, uid } = summary;
  const [stretch, state, standings, teams, costRange] = await Promise.all([
    readStretch(pool, clusterKey, uid, asOf),
    asOf === null ? readState(pool, clusterKey, uid) : readStateThen(pool, clusterKey, uid, asOf),
    readStandings(pool, { asOf, clusterKey }),
    loadTeamNames(pool),
    readCostRange(pool),
  ]);
  const [standing] = standings;
  if (!stretch || !standing) throw notFound(address);
  const owner = await namespaceOwnerAt(context, { clusterKey, uid, accountId: standing.account_id, asOf }, teams);
  const content = state?.content ?? null;
  const then = asOf === null ? null : await readCostThen(pool, { clusterKey, uid }, asOf);
  const row = toNamespaceRow({
    ...summary,
    team_name: teams.get(summary.team_key) ?? null,
    looked_at: standing.looked_at?.toISOString() ?? null,
  });
  const [overrides, exemptions, lives, history, events] = await Promise.all([
    readOverrides(pool, `${clusterKey} ${uid}`, teams, context.now),
    readExemptions(pool, { clusterKey, uid, annotations: stretch.annotations, now: context.now }),
    readLives(pool, clusterKey, summary.name, uid),
    readHistory(pool, { clusterKey, uid, name: summary.name, asOf, teams }),
    readEvents(pool, clusterKey, uid),
  ]);
  return {
    asOf: asOf?.toISOString() ?? null,
    row,
    goneAt: summary.gone_at,
    ...stretch,
    cluster: {
      ...toStanding(standing, await countIn(pool, clusterKey, context)),
      accountId: standing.account_id,
      region: standing.region,
      version: standing.version,
    },
    owner,
    overrides,
    exemptions,
    dormancy: state?.judgement ? { ...state.judgement, judgedAt: state.judgedAt, windowDays: WINDOW_DAYS } : null,
    content: contentViewOf(content),
    guardrails: guardrailsOf(content),
    bindings: bindingsOf(content),
    lives,
    history,
    events,
    ...(then ?? {
      cost: row.cost,
      costRange: costRange === null ? null : { from: day(costRange.from), to: day(costRange.to) },
    }),
    contentSeenAt: asOf !== null && state?.content ? state.judgedAt : null,
    unknown: standing.unknown,
    may: {
      overrule: isAllowed(context.actor, "owners:write") && summary.gone_at === null,
      exempt: isAllowed(context.actor, "exemptions:write") && summary.gone_at === null,
    },
  };
}

function notFound({ clusterKey, uid, name }: NamespaceAddress): AppError {
  return new AppError("not_found", `There is no namespace ${name ?? uid ?? ""} in the cluster ${clusterKey}.`);
}

/** The life that is asked for; by name the one that is there, or else the last one. At an instant only what was there then. */
async function findLife(
  { database, actor }: ServiceContext,
  address: NamespaceAddress,
  asOf: Date | null,
): Promise<SummaryRow> {
  const parameters: unknown[] = [address.clusterKey, address.uid ?? null, address.name ?? null];
  const relation = asOf === null ? "namespace_summary t" : summaryRelation(asOf, parameters);
  const conditions = `WHERE t.cluster_key = $1 AND ($2::text IS NULL OR t.uid = $2) AND ($3::text IS NULL OR t.name = $3)
    ORDER BY t.gone_at IS NULL DESC, t.first_seen_at DESC`;
  const row = await findSummary(database.pool, { relation, conditions }, parameters);
  const isNamed = address.uid !== undefined || address.name !== undefined;
  // That there is another team's namespace of this name is nothing that a member is told.
  const isSeen = actor.role !== "member" || (actor.teamKey !== null && row?.team_key === actor.teamKey);
  if (!row || !isNamed || !isSeen) throw notFound(address);
  return row;
}

type Stretch = Pick<NamespaceView, "phase" | "finalizers" | "labels" | "annotations">;

async function readStretch(
  sql: SqlExecutor,
  clusterKey: string,
  uid: string,
  asOf: Date | null,
): Promise<Stretch | null> {
  const { rows } = await sql.query(
    `SELECT phase, finalizers, labels, annotations FROM namespace WHERE cluster_key = $1 AND uid = $2
       AND ($3::timestamptz IS NULL OR seen_from <= $3) ORDER BY seen_from DESC, id DESC LIMIT 1`,
    [clusterKey, uid, asOf],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    phase: String(row.phase),
    finalizers: row.finalizers as string[],
    labels: row.labels as Record<string, string>,
    annotations: row.annotations as Record<string, string>,
  };
}

async function readState(sql: SqlExecutor, clusterKey: string, uid: string) {
  const { rows } = await sql.query(
    "SELECT content, judgement, judged_at FROM namespace_state WHERE cluster_key = $1 AND uid = $2",
    [clusterKey, uid],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    content: row.content as StoredContent,
    judgement: row.judgement as DormancyJudgement | null,
    judgedAt: (row.judged_at as Date | null)?.toISOString() ?? "",
  };
}

/** What the verdict of an instant stood on, and what was inside, when it was first given; null where that was not kept. */
async function readStateThen(sql: SqlExecutor, clusterKey: string, uid: string, asOf: Date) {
  const { rows } = await sql.query(
    `SELECT content, judgement, seen_from FROM namespace_verdict WHERE cluster_key = $1 AND uid = $2 AND seen_from <= $3
       AND (seen_to IS NULL OR seen_to > $3) ORDER BY id DESC LIMIT 1`,
    [clusterKey, uid, asOf],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    content: row.content as StoredContent | null,
    judgement: row.judgement as DormancyJudgement | null,
    judgedAt: (row.seen_from as Date).toISOString(),
  };
}

/** What it cost in the 30 days before an instant, by the splits that stood then; null where none did, or in several currencies. */
async function readCostThen(
  sql: SqlExecutor,
  { clusterKey, uid }: { clusterKey: string; uid: string },
  asOf: Date,
): Promise<Pick<NamespaceView, "cost" | "costRange">> {
  const to = addDays(dayOf(asOf), 1);
  const range = { from: addDays(to, -COST_DAYS), to };
  const asked = { clusterKey, ...range, asOf };
  const [heads, parts] = await Promise.all([
    readSplitHeads(sql, asked, "effective"),
    readSplitCosts(sql, asked, "effective", { namespace: "", uid }),
  ]);
  const [currency, ...others] = new Set(heads.map((head) => head.currency));
  if (currency === undefined || others.length > 0) return { cost: null, costRange: range };
  const amount = toAmount(sum(parts.flatMap(({ direct, idle, shared }) => [direct, idle, shared])));
  return { cost: { currency, amount }, costRange: range };
}

/** Whose it is by every claim, which lists do without. */
async function countIn(sql: SqlExecutor, clusterKey: string, { actor }: ServiceContext): Promise<number> {
  const { rows } = await sql.query(
    `SELECT coalesce(sum(namespaces), 0)::int AS total FROM namespace_count WHERE cluster_key = $1 AND ($2::boolean OR team_key = $3)`,
    [clusterKey, actor.role !== "member", actor.teamKey],
  );
  return Number(rows[0]?.total);
}
