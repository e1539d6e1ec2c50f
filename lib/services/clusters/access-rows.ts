import type { PoolClient } from "pg";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";

type Row = Record<string, unknown>;

/** Who may do what where, as the cluster says it now: one row for each subject of each role binding. What may not be read has no row. */
export function accessRows({ namespaces }: ClusterInventory): Row[] {
  return namespaces.flatMap(({ uid, roleBindings }) =>
    (roleBindings ?? []).flatMap(({ name, role, kind, subjects }) => {
      const rows = subjects.map((subject) => ({
        uid,
        binding: name,
        subject_kind: subject.kind,
        subject_name: subject.name,
        subject_namespace: subject.namespace ?? "",
        role_kind: kind,
        role,
      }));
      // A binding may name the same subject twice, which grants nothing more.
      return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
    }),
  );
}

/** What was known of namespaces whose bindings may not be read this time: it is still what it was. */
export async function keptAccess(sql: PoolClient, sourceKey: string, reading: ClusterInventory): Promise<Row[]> {
  const unread = reading.namespaces.filter(({ roleBindings }) => roleBindings === null).map(({ uid }) => uid);
  if (unread.length === 0) return [];
  const { rows } = await sql.query<Row>(
    `SELECT uid, binding, subject_kind, subject_name, subject_namespace, role_kind, role FROM namespace_access
     WHERE source_key = $1 AND cluster_key = $2 AND seen_to IS NULL AND uid = ANY($3)`,
    [sourceKey, reading.cluster.key, unread],
  );
  return rows;
}
