import { DuckDBDateValue, type DuckDBConnection } from "@duckdb/node-api";
import { poolShares, poolSplitter } from "#lib/domain/allocation/split-pool.ts";
import type { ChargeDimensions, DirectoryTeam, SharedPool } from "#lib/domain/allocation/rule.ts";
import type { Amount } from "#lib/domain/money.ts";
import { startOf, type Day } from "#lib/domain/period.ts";

/** A key of the roll-up as the reading left it. */
export type ChargeKeyRow = ChargeDimensions & { keyNo: number; hash: string; currency: string; environment: string };

/** Where one key goes, in the database's own ids; 0 = nobody / no pool. */
export type KeyAssignment = { keyNo: number; keyId: number; ownerId: number; poolId: number };

/** A pool with the id of its version. */
export type IdentifiedPool = SharedPool & { id: number };

/**
 * Gives every charge of the reading to its owner, splits the pools among the teams, and leaves the result as
 * `allocated(key_id, day, owner_id, pool_id, billed, effective, list, contracted, line_items)`, beside `charge`.
 *
 * A split charge counts its line items once, at its first part, so that they too add up to the file's.
 */
export async function allocateCharges(
  connection: DuckDBConnection,
  assignments: readonly KeyAssignment[],
  pools: readonly IdentifiedPool[],
  teams: readonly DirectoryTeam[],
  ownerIds: ReadonlyMap<string, number>,
): Promise<void> {
  await loadAssignments(connection, assignments);
  await connection.run(`
    CREATE OR REPLACE TABLE allocated AS
    SELECT a.key_id, c.day, a.owner_id, a.pool_id, c.billed, c.effective, c.list, c.contracted, c.line_items
    FROM charge c JOIN assignment a USING (key_no) WHERE a.pool_id = 0`);
  for (const pool of pools) await splitPool(connection, pool, teams, ownerIds);
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

type PooledRow = { keyId: number; day: string; currency: string; amounts: [Amount, Amount, Amount, Amount]; lineItems: number };

/** Splits one pool's rows, currency by currency, with the teams' direct effective cost of the same slice as weights. */
async function splitPool(
  connection: DuckDBConnection,
  pool: IdentifiedPool,
  teams: readonly DirectoryTeam[],
  ownerIds: ReadonlyMap<string, number>,
): Promise<void> {
  const directByCurrency = await readDirectCost(connection, teams, ownerIds);
  const splitters = new Map<string, ReturnType<typeof poolSplitter> | null>();
  // Amounts are appended as text and cast once: a DECIMAL(38,12) does not fit the appender's own decimal type conversions.
  await connection.run(
    "CREATE OR REPLACE TABLE part (key_id INTEGER, day DATE, owner_id INTEGER, billed VARCHAR, effective VARCHAR, list VARCHAR, contracted VARCHAR, line_items INTEGER)",
  );
  const appender = await connection.createAppender("part");
  const append = (row: PooledRow, ownerId: number, amounts: readonly Amount[], lineItems: number) => {
    appender.appendInteger(row.keyId);
    appender.appendDate(new DuckDBDateValue(startOf(row.day as Day).getTime() / 86_400_000));
    appender.appendInteger(ownerId);
    for (const amount of amounts) appender.appendVarchar(amount);
    appender.appendInteger(lineItems);
    appender.endRow();
  };
  for await (const row of pooledRows(connection, pool.id)) {
    let split = splitters.get(row.currency);
    if (split === undefined) {
      const shares = poolShares(pool, [...teams], directByCurrency.get(row.currency) ?? new Map());
      split = shares.length === 0 ? null : poolSplitter(shares);
      splitters.set(row.currency, split);
    }
    if (split === null) {
      append(row, 0, row.amounts, row.lineItems);
      continue;
    }
    const [billed, effective, list, contracted] = row.amounts;
    const parts = split({ billed, effective, list, contracted });
    parts.forEach(({ teamKey, amounts }, index) => {
      const all = [amounts.billed, amounts.effective, amounts.list, amounts.contracted];
      // A part of nothing is no row, but the first keeps the line items.
      if (index > 0 && all.every((amount) => amount === "0")) return;
      append(row, ownerIds.get(teamKey) ?? 0, all, index === 0 ? row.lineItems : 0);
    });
  }
  appender.closeSync();
  await connection.run(`
    INSERT INTO allocated
    SELECT key_id, day, owner_id, ${pool.id}, billed::DECIMAL(38,12), effective::DECIMAL(38,12),
           list::DECIMAL(38,12), contracted::DECIMAL(38,12), line_items FROM part`);
  await connection.run("DROP TABLE part");
}

async function* pooledRows(connection: DuckDBConnection, poolId: number): AsyncGenerator<PooledRow> {
  const result = await connection.run(
    `SELECT a.key_id, c.day::VARCHAR, k.currency, c.billed::VARCHAR, c.effective::VARCHAR, c.list::VARCHAR,
            c.contracted::VARCHAR, c.line_items
     FROM charge c JOIN assignment a USING (key_no) JOIN charge_key k USING (key_no)
     WHERE a.pool_id = $1 ORDER BY a.key_id, c.day`,
    [poolId],
  );
  for await (const rows of result.yieldRowsJson()) {
    for (const [keyId, day, currency, billed, effective, list, contracted, lineItems] of rows)
      yield {
        keyId: Number(keyId),
        day: String(day),
        currency: String(currency),
        amounts: [String(billed), String(effective), String(list), String(contracted)],
        lineItems: Number(lineItems),
      };
  }
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
