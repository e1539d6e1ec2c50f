import type { SqlExecutor } from "#lib/db/activity.ts";
import { queryPrepared } from "#lib/db/prepared.ts";

/** What a number is a number of; a grain leaves empty what it does not tell apart. */
export type PostureCell = {
  teamKey: string;
  accountId: string;
  clusterKey: string;
  environment: string;
  /** "source part", and " " but for the full grain. */
  partKey: string;
};

/** What these cells are, by number. */
export async function readCells(sql: SqlExecutor, ids: readonly number[]): Promise<Map<number, PostureCell>> {
  const { rows } = await queryPrepared(
    sql,
    `SELECT id, team_key, account_id, cluster_key, environment, source_key || ' ' || part AS part_key FROM posture_cell
     WHERE id = ANY($1::int[])`,
    [ids],
  );
  // Thousands of cells are of a few hundred teams, accounts and parts: each name is kept once, and found by itself faster than by an equal one.
  const names = new Map<string, string>();
  const nameOf = (value: unknown): string => {
    const name = String(value);
    const known = names.get(name);
    if (known === undefined) names.set(name, name);
    return known ?? name;
  };
  return new Map(
    rows.map((row): [number, PostureCell] => [
      Number(row["id"]),
      {
        teamKey: nameOf(row["team_key"]),
        accountId: nameOf(row["account_id"]),
        clusterKey: nameOf(row["cluster_key"]),
        environment: nameOf(row["environment"]),
        partKey: nameOf(row["part_key"]),
      },
    ]),
  );
}
