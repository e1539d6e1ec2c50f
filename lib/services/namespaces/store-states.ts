import type { PoolClient } from "pg";
import { addLook, type SignHistory } from "#lib/services/namespaces/sign-history.ts";
import { contentOf } from "#lib/services/namespaces/stored-namespace.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";

/** Namespaces that are written at once: some megabytes of JSON. */
const BATCH_ROWS = 2_000;

/** Stores what is in every namespace now, and adds the look to what was seen of its use before. */
export async function storeStates(sql: PoolClient, { cluster, namespaces }: ClusterInventory, at: Date): Promise<void> {
  const before = await sql.query<{ uid: string; signs: SignHistory }>(
    "SELECT uid, signs FROM namespace_state WHERE cluster_key = $1",
    [cluster.key],
  );
  const histories = new Map(before.rows.map(({ uid, signs }) => [uid, signs]));
  for (let start = 0; start < namespaces.length; start += BATCH_ROWS) {
    const rows = namespaces.slice(start, start + BATCH_ROWS).map((namespace) => ({
      cluster_key: cluster.key,
      uid: namespace.uid,
      seen_at: at,
      content: contentOf(namespace),
      signs: addLook(histories.get(namespace.uid) ?? null, namespace, at),
    }));
    await sql.query(
      `INSERT INTO namespace_state (cluster_key, uid, seen_at, content, signs)
       SELECT cluster_key, uid, seen_at, content, signs FROM jsonb_populate_recordset(NULL::namespace_state, $1::jsonb)
       ON CONFLICT (cluster_key, uid) DO UPDATE SET seen_at = excluded.seen_at, content = excluded.content, signs = excluded.signs`,
      [JSON.stringify(rows)],
    );
  }
}
