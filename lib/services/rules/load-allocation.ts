import type { SqlExecutor } from "#lib/db/activity.ts";
import type { AllocationRule, DirectoryTeam, PoolMethod } from "#lib/domain/allocation/rule.ts";
import { addDays, rangeOf, type BillingPeriod } from "#lib/domain/period.ts";
import { loadAccountOwners } from "#lib/services/ownership/load-account-owners.ts";
import type { IdentifiedPool } from "#lib/rollups/allocate.ts";

/** Everything that decides who gets a period's cost. */
export type Allocation = {
  rules: AllocationRule[];
  pools: IdentifiedPool[];
  /** Those of the directory; without a directory, those that accounts name themselves. */
  teams: DirectoryTeam[];
  /** Team key by provider and account, "AWS 111122223333": whose a cost is that no rule decides about. */
  accountOwners: Map<string, string>;
  /** Changes with anything of these. */
  stamp: string;
  /** The same but for the rules. */
  basis: string;
};

/**
 * The rules, pools and teams for one billing period. A closed period keeps the rules that were in force when it was closed, so that a
 * month delivered again is allocated as the closed one was. A team stands where it stood on the period's first day, or, where it
 * came later in the month, where it stood first. A cost that no rule decides about goes to its account's owner, where evidence better
 * than a hint names one; a closed period keeps the claims of its closing.
 */
export async function loadAllocation(sql: SqlExecutor, period: BillingPeriod): Promise<Allocation> {
  const stamp = await readAllocationStamp(sql, period);
  const basis = await readAllocationBasis(sql, period);
  const closed = await sql.query("SELECT closed_at FROM closed_period WHERE period = $1", [period]);
  const closedAt = (closed.rows[0]?.closed_at as Date | undefined) ?? null;
  const inForce =
    "($1::timestamptz IS NULL AND retired_at IS NULL OR created_at <= $1 AND (retired_at IS NULL OR retired_at > $1))";
  const rules = await sql.query(
    `SELECT rule_id, position, name, match, target, valid_from, valid_to FROM allocation_rule WHERE ${inForce} ORDER BY position, id`,
    [closedAt],
  );
  const pools = await sql.query(
    `SELECT id, key, name, method, weights FROM pool WHERE id > 0 AND ${inForce} ORDER BY key`,
    [closedAt],
  );
  const teams = await loadTeams(sql, period);
  const lastDay = addDays(rangeOf(period).to, -1);
  const owners = await loadAccountOwners(sql, { day: lastDay, asOf: closedAt });
  const named = [...owners].flatMap(([account, { teamKey, confidence, winner }]) =>
    // A hint is shown, and moves no money.
    teamKey === null || confidence === "low" ? [] : [{ account, teamKey, name: winner?.names.value ?? teamKey }],
  );
  const known = teams.length > 0 ? teams : [...new Map(named.map((one) => [one.teamKey, selfNamed(one)])).values()];
  const keys = new Set(known.map((team) => team.teamKey));
  return {
    rules: rules.rows.map(toRule),
    pools: pools.rows.map(toPool),
    teams: known,
    accountOwners: new Map(named.filter(({ teamKey }) => keys.has(teamKey)).map((one) => [one.account, one.teamKey])),
    stamp,
    basis,
  };
}

/** A team that only a tag knows: nobody has configured a directory. */
function selfNamed({ teamKey, name }: { teamKey: string; name: string }): DirectoryTeam {
  return { teamKey, teamName: name, businessUnitKey: "", businessUnitName: "", costCentre: "", aliases: [] };
}

/** Changes whenever anything changes that decides who gets the period's cost. */
export async function readAllocationStamp(sql: SqlExecutor, period: BillingPeriod): Promise<string> {
  const { rows } = await sql.query(
    "SELECT count(*) || '/' || count(retired_at) || '/' || max(id) AS stamp FROM allocation_rule",
  );
  return `${String(rows[0]?.stamp)} ${await readAllocationBasis(sql, period)}`;
}

/** Changes whenever anything but the rules changes that decides who gets the period's cost. */
export async function readAllocationBasis(sql: SqlExecutor, period: BillingPeriod): Promise<string> {
  const { rows } = await sql.query(
    `SELECT concat_ws(' ',
       (SELECT count(*) || '/' || count(retired_at) || '/' || max(id) FROM pool),
       (SELECT string_agg(publication_id::text, ',' ORDER BY id) FROM slice WHERE dataset = 'directory'),
       (SELECT count(*) || '/' || count(seen_to) || '/' || max(id) FROM ownership_claim WHERE subject_kind = 'account'),
       (SELECT closed_at::text FROM closed_period WHERE period = $1)) AS basis`,
    [period],
  );
  return String(rows[0]?.basis);
}

export async function loadTeams(sql: SqlExecutor, period: BillingPeriod): Promise<DirectoryTeam[]> {
  const { from, to } = rangeOf(period);
  const { rows } = await sql.query(
    `SELECT DISTINCT ON (team_key) team_key, team_name, business_unit_key, business_unit_name, cost_centre, aliases
     FROM team_membership
     WHERE (valid_from IS NULL OR valid_from < $2) AND (valid_to IS NULL OR valid_to > $1)
     ORDER BY team_key, valid_from NULLS FIRST`,
    [from, to],
  );
  return rows.map((row) => ({
    teamKey: String(row.team_key),
    teamName: String(row.team_name),
    businessUnitKey: String(row.business_unit_key),
    businessUnitName: String(row.business_unit_name),
    costCentre: String(row.cost_centre),
    aliases: row.aliases as string[],
  }));
}

export function toRule(row: Record<string, unknown>): AllocationRule {
  return {
    ruleId: String(row.rule_id),
    position: Number(row.position),
    name: String(row.name),
    match: row.match as AllocationRule["match"],
    target: row.target as AllocationRule["target"],
    validFrom: row.valid_from as BillingPeriod | null,
    validTo: row.valid_to as BillingPeriod | null,
  };
}

export function toPool(row: Record<string, unknown>): IdentifiedPool {
  return {
    id: Number(row.id),
    key: String(row.key),
    name: String(row.name),
    method: row.method as PoolMethod,
    weights: row.weights as Record<string, string>,
  };
}
