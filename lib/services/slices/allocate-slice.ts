import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { resolveChargeKeys } from "#lib/db/charge-keys.ts";
import { resolveOwners } from "#lib/db/owners.ts";
import type { StoredPoolShares } from "#lib/domain/allocation/pooled-cells.ts";
import { billingPeriod } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { allocateCharges, readChargeKeys, type KeyAssignment } from "#lib/rollups/allocate.ts";
import { KEY_COLUMNS } from "#lib/domain/key-columns.ts";
import { makeDictionaryKeys } from "#lib/rollups/coarse-keys.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { assignIds } from "#lib/services/rules/assign-ids.ts";
import { loadAllocation } from "#lib/services/rules/load-allocation.ts";

/** Who carries the pools, and the stamps of the rules and of what else was used. */
export type Allocated = { stamp: string; basis: string; poolShares: StoredPoolShares };

/** Gives keys their ids and owners, leaves `allocated` and `coarse_id` in the DuckDB, and answers what was used for it. */
export async function allocateSlice(
  context: ServiceContext,
  slice: { connection: DuckDBConnection; period: string },
  folder: string,
): Promise<Allocated> {
  const { connection } = slice;
  const period = billingPeriod(slice.period);
  const allocation = await loadAllocation(context.database.pool, period);
  const { pools, teams, stamp, basis } = allocation;
  const keys = await readChargeKeys(connection);
  await makeDictionaryKeys(connection);
  const keyFile = join(folder, "keys.csv");
  await connection.run(
    `COPY (SELECT hash, grain, ${KEY_COLUMNS.join(", ")} FROM dictionary_key) TO '${keyFile.replaceAll("'", "''")}' (FORMAT csv, HEADER false)`,
  );
  const { keyIds, ownerIds } = await context.database.transact(async ({ sql }) => ({
    keyIds: await resolveChargeKeys(sql, keyFile),
    ownerIds: await resolveOwners(sql, teams),
  }));
  const idOf = (hash: string) => {
    const id = keyIds.get(hash);
    if (id === undefined) throw new AppError("internal", `A roll-up key has no entry in the dictionary (${hash}).`);
    return id;
  };

  const assigned = assignIds(allocation, period, ownerIds);
  const assignments = keys.map((key): KeyAssignment => ({ keyNo: key.keyNo, keyId: idOf(key.hash), ...assigned(key) }));
  const poolShares = await allocateCharges(connection, assignments, pools, teams, ownerIds);
  await loadCoarseIds(connection, idOf, new Map(assignments.map(({ keyNo, keyId }) => [keyNo, keyId])));
  return { stamp, basis, poolShares };
}

async function loadCoarseIds(
  connection: DuckDBConnection,
  idOf: (hash: string) => number,
  keyIds: ReadonlyMap<number, number>,
): Promise<void> {
  await connection.run(
    "CREATE OR REPLACE TABLE coarse_id (key_id INTEGER, account_key_id INTEGER, service_key_id INTEGER)",
  );
  const result = await connection.run("SELECT key_no, account_hash, service_hash FROM coarse_key");
  const appender = await connection.createAppender("coarse_id");
  for (const [keyNo, accountHash, serviceHash] of await result.getRowsJson()) {
    appender.appendInteger(keyIds.get(Number(keyNo)) ?? 0);
    appender.appendInteger(idOf(String(accountHash)));
    appender.appendInteger(idOf(String(serviceHash)));
    appender.endRow();
  }
  appender.closeSync();
}
