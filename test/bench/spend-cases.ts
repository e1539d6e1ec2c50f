import { addMonths, rangeOf, type DayRange } from "#lib/domain/period.ts";
import type { SpendQuery } from "#lib/services/spend/spend-view.ts";
import { NEWEST_PERIOD, TEAMS } from "#test/bench/spend-data.ts";

/**
 * A question of /spend and the best SQL known for the same answer: by value and kind, by value and bucket and by bucket for the range, and by
 * value and by bucket for the range before it. $1 and $2 are the first days of the range and of the range before, $3 is the end.
 */
export type SpendCase = { name: string; query: SpendQuery; sql: string; parameters: string[] };

const NEWEST = rangeOf(NEWEST_PERIOD);
const YEAR: DayRange = { from: rangeOf(addMonths(NEWEST_PERIOD, -11)).from, to: NEWEST.to };

const base: SpendQuery = {
  ...NEWEST,
  basis: "effective",
  groupBy: "team",
  granularity: "day",
  compare: "previous",
  currency: null,
  filters: {},
  kinds: [],
  asOf: null,
};

const KIND = "CASE WHEN pool_id > 0 THEN 'shared' WHEN owner_id > 0 THEN 'direct' ELSE 'unallocated' END AS kind";
const slicesFrom = (from: string, to: string) =>
  `SELECT id FROM slice WHERE dataset = 'cost' AND period >= left(${from}::text, 7) AND period < left(${to}::text, 7)`;

/** Sums `cell(is_before, grp, kind, bucket, amount)` into all that the page shows, and into no more. */
const SHOWN = `
  SELECT false AS is_before, grp, kind, bucket::text, trim_scale(sum(amount))::text AS amount FROM cell WHERE NOT is_before
  GROUP BY GROUPING SETS ((grp, kind), (grp, bucket), (bucket))
  UNION ALL
  SELECT true, grp, NULL, bucket::text, trim_scale(sum(amount))::text FROM cell WHERE is_before GROUP BY GROUPING SETS ((grp), (bucket))`;

/** Rows of `part` with what is in the pool shared out, all teams alike: to the last decimals only, which no other SQL could do better. */
const CARRIED = `carried AS MATERIALIZED (
    SELECT is_before, part.owner_id, pool_id, bucket, amount FROM part WHERE pool_id = 0
    UNION ALL SELECT is_before, o.id, pool_id, bucket, amount / ${TEAMS} FROM part, owner o WHERE pool_id > 0 AND o.id > 0
  )`;

export const SPEND_CASES: readonly SpendCase[] = [
  {
    name: "team, month by day",
    query: base,
    sql: `
      WITH part AS MATERIALIZED (
        SELECT c.day < $1::date AS is_before, c.owner_id, c.pool_id, c.day AS bucket, sum(c.effective) AS amount
        FROM cost_day_account c WHERE c.slice_id IN (${slicesFrom("$2", "$3")}) GROUP BY 1, 2, 3, 4
      ), ${CARRIED}, cell AS MATERIALIZED (
        SELECT is_before, team_key AS grp, ${KIND}, bucket, amount FROM carried JOIN owner o ON o.id = owner_id
      ) ${SHOWN}`,
    parameters: [],
  },
  {
    name: "service, month by day",
    query: { ...base, groupBy: "service" },
    sql: `
      WITH day_cell AS MATERIALIZED (
        SELECT c.day < $1::date AS is_before, k.service_name AS grp, c.day AS bucket, c.effective AS amount
        FROM cost_day_service c JOIN charge_key k ON k.id = c.key_id WHERE c.slice_id IN (${slicesFrom("$2", "$3")})
      ), kind_part AS MATERIALIZED (
        SELECT c.key_id, c.owner_id > 0 AS is_owned, c.pool_id > 0 AS is_shared, sum(c.effective) AS amount
        FROM cost_month c WHERE c.slice_id IN (${slicesFrom("$1", "$3")}) GROUP BY 1, 2, 3
      )
      SELECT false AS is_before, grp, NULL AS kind, bucket::text, trim_scale(sum(amount))::text AS amount FROM day_cell WHERE NOT is_before
      GROUP BY GROUPING SETS ((grp, bucket), (bucket))
      UNION ALL
      SELECT true, grp, NULL, bucket::text, trim_scale(sum(amount))::text FROM day_cell WHERE is_before GROUP BY GROUPING SETS ((grp), (bucket))
      UNION ALL
      SELECT false, k.service_name, CASE WHEN is_shared THEN 'shared' WHEN is_owned THEN 'direct' ELSE 'unallocated' END, NULL, trim_scale(sum(amount))::text
      FROM kind_part JOIN charge_key k ON k.id = key_id GROUP BY 2, 3`,
    parameters: [],
  },
  {
    name: "business unit by account",
    query: { ...base, groupBy: "subAccount", filters: { businessUnit: ["unit-3"] } },
    sql: `
      WITH cell AS MATERIALIZED (
        SELECT c.day < $1::date AS is_before, k.sub_account_id AS grp, ${KIND}, c.day AS bucket,
          CASE WHEN c.pool_id > 0 THEN c.effective * (SELECT count(*) FROM owner WHERE business_unit_key = $4) / ${TEAMS} ELSE c.effective END AS amount
        FROM cost_day_account c JOIN charge_key k ON k.id = c.key_id
        WHERE c.slice_id IN (${slicesFrom("$2", "$3")}) AND (c.pool_id > 0 OR c.owner_id IN (SELECT id FROM owner WHERE business_unit_key = $4))
      ) ${SHOWN}`,
    parameters: ["unit-3"],
  },
  {
    name: "team, year by month",
    query: { ...base, ...YEAR, granularity: "month" },
    sql: `
      WITH summed AS MATERIALIZED (
        SELECT c.slice_id, c.owner_id, c.pool_id, sum(c.effective) AS amount
        FROM cost_month c WHERE c.slice_id IN (${slicesFrom("$2", "$3")}) GROUP BY 1, 2, 3
      ), part AS (
        SELECT (s.period || '-01')::date < $1::date AS is_before, owner_id, pool_id, s.period AS bucket, amount FROM summed JOIN slice s ON s.id = slice_id
      ), ${CARRIED}, cell AS MATERIALIZED (
        SELECT is_before, team_key AS grp, ${KIND}, bucket, amount FROM carried JOIN owner o ON o.id = owner_id
      ) ${SHOWN}`,
    parameters: [],
  },
  {
    name: "account by service",
    query: { ...base, groupBy: "service", filters: { subAccount: ["account-7"] } },
    sql: `
      WITH cell AS MATERIALIZED (
        SELECT c.day < $1::date AS is_before, k.service_name AS grp, ${KIND}, c.day AS bucket, c.effective AS amount
        FROM charge_key k JOIN cost_day c ON c.key_id = k.id AND c.slice_id IN (${slicesFrom("$2", "$3")})
        WHERE k.provider = 'AWS' AND k.sub_account_id = $4
      ) ${SHOWN}`,
    parameters: ["account-7"],
  },
];
