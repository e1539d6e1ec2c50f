import type { DuckDBConnection } from "@duckdb/node-api";
import type { StoredPoolShares } from "#lib/domain/allocation/pooled-cells.ts";
import { poolShares } from "#lib/domain/allocation/split-pool.ts";
import type { ChargeDimensions, DirectoryTeam, SharedPool } from "#lib/domain/allocation/rule.ts";
import type { Amount } from "#lib/domain/money.ts";

/** A key of the roll-up as the reading left it. */
export type ChargeKeyRow = ChargeDimensions & { keyNo: number; hash: string; currency: string; environment: string };

/** Where one key goes, in the database's own ids; 0 = nobody / no pool. */
export type KeyAssignment = { keyNo: number; keyId: number; ownerId: number; poolId: number };

/** A pool with the id of its version. */
export type IdentifiedPool = SharedPool & { id: number };

/**
 * Gives every charge of the reading to its owner, its pool or nobody, and leaves the result as
 * `allocated(key_id, day, owner_id, pool_id, billed, effective, list, contracted, line_items)`, beside `charge`.
 *
 * Pools are not split here: their weights follow the direct cost of the whole slice, so that every delivery would rewrite every share.
 * The answer says who carries them.
 */
export async function allocateCharges(
  connection: DuckDBConnection,
  assignments: readonly KeyAssignment[],
  pools: readonly IdentifiedPool[],
  teams: readonly DirectoryTeam[],
  ownerIds: ReadonlyMap<string, number>,
): Promise<StoredPoolShares> {
  await loadAssignments(connection, assignments);
  await connection.run(`
    CREATE OR REPLACE TABLE allocated AS
    SELECT a.key_id, c.day, a.owner_id, a.pool_id, c.billed, c.effective, c.list, c.contracted, c.line_items
    FROM charge c JOIN assignment a USING (key_no)`);
  const used = new Set(assignments.map((assignment) => assignment.poolId));
  const currencies = await (await connection.run("SELECT DISTINCT currency FROM charge_key ORDER BY 1")).getRowsJson();
  const direct = await readDirectCost(connection, teams, ownerIds);
  const stored: StoredPoolShares = {};
  for (const [currency] of currencies)
    stored[String(currency)] = Object.fromEntries(
      pools
        .filter((pool) => used.has(pool.id))
        .map((pool) => {
          const shares = poolShares(pool, teams, direct.get(String(currency)) ?? new Map());
          return [
            String(pool.id),
            shares.map(({ teamKey, weight }): [number, Amount] => [ownerIds.get(teamKey) ?? 0, weight]),
          ];
        }),
    );
  return stored;
}

/** The keys, for the rules to look at. */
export async function readChargeKeys(connection: DuckDBConnection): Promise<ChargeKeyRow[]> {
  const result = await connection.run(`
    SELECT key_no, hash, currency, provider, billing_account_id, sub_account_id, region_id, service_category,
           service_name, charge_category, environment, tags, resource_patterns
    FROM charge_key ORDER BY key_no`);
  const rows = await result.getRowsJson();
  return rows.map((row) => {
    const text = row.map((value) => String(value ?? ""));
    const [keyNo, hash, currency, provider, billingAccountId, subAccountId, regionId] = text;
    const [serviceCategory, serviceName, chargeCategory, environment, tags, resourcePatterns] = text.slice(7);
    return {
      keyNo: Number(keyNo),
      hash: hash ?? "",
      currency: currency ?? "",
      provider: provider ?? "",
      billingAccountId: billingAccountId ?? "",
      subAccountId: subAccountId ?? "",
      regionId: regionId ?? "",
      serviceCategory: serviceCategory ?? "",
      serviceName: serviceName ?? "",
      chargeCategory: chargeCategory ?? "",
      environment: environment ?? "",
      tags: JSON.parse(tags || "{}") as Record<string, string>,
      resourcePatterns: JSON.parse(resourcePatterns || "[]") as string[],
    };
  });
}

async function loadAssignments(connection: DuckDBConnection, assignments: readonly KeyAssignment[]): Promise<void> {
  await connection.run(
    "CREATE OR REPLACE TABLE assignment (key_no INTEGER, key_id INTEGER, owner_id INTEGER, pool_id INTEGER)",
  );
  const appender = await connection.createAppender("assignment");
  for (const { keyNo, keyId, ownerId, poolId } of assignments) {
    appender.appendInteger(keyNo);
    appender.appendInteger(keyId);
    appender.appendInteger(ownerId);
    appender.appendInteger(poolId);
    appender.endRow();
  }
  appender.closeSync();
}

async function readDirectCost(
  connection: DuckDBConnection,
  teams: readonly DirectoryTeam[],
  ownerIds: ReadonlyMap<string, number>,
): Promise<Map<string, Map<string, Amount>>> {
  const teamOf = new Map(teams.map((team) => [ownerIds.get(team.teamKey), team.teamKey]));
  const result = await connection.run(`
    SELECT k.currency, a.owner_id, sum(c.effective)::VARCHAR
    FROM charge c JOIN assignment a USING (key_no) JOIN charge_key k USING (key_no)
    WHERE a.owner_id > 0 GROUP BY ALL`);
  const byCurrency = new Map<string, Map<string, Amount>>();
  for (const [currency, ownerId, effective] of await result.getRowsJson()) {
    const teamKey = teamOf.get(Number(ownerId));
    if (teamKey === undefined) continue;
    const direct = byCurrency.get(String(currency)) ?? new Map<string, Amount>();
    direct.set(teamKey, String(effective));
    byCurrency.set(String(currency), direct);
  }
  return byCurrency;
}
