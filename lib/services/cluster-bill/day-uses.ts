import type { USE_COLUMNS, UseRow } from "#lib/db/cluster-bill/read-split-inputs.ts";
import { HOURS_OF_A_DAY, type DayUses } from "#lib/services/cluster-bill/day-hours.ts";

/** Rows of a day, in the order of the hours, as columns. Two lives of one name on a day are two namespaces. */
export function columnsOfDay(rows: readonly UseRow[]): DayUses {
  const namespaces = new Map<string, number>();
  const nodes = new Map<string, number>();
  const uses: Pick<DayUses, "names" | "uids"> = { names: [], uids: [] };
  const hourStarts = new Uint32Array(HOURS_OF_A_DAY + 1);
  const namespace = new Uint32Array(rows.length);
  const node = new Int32Array(rows.length);
  for (const [index, row] of rows.entries()) {
    hourStarts[row.hour + 1] = (hourStarts[row.hour + 1] ?? 0) + 1;
    const key = `${row.namespace}/${row.uid}`;
    let place = namespaces.get(key);
    if (place === undefined) {
      place = namespaces.size;
      namespaces.set(key, place);
      uses.names.push(row.namespace);
      uses.uids.push(row.uid);
    }
    namespace[index] = place;
    if (row.node !== "" && !nodes.has(row.node)) nodes.set(row.node, nodes.size);
    node[index] = nodes.get(row.node) ?? -1;
  }
  for (let hour = 0; hour < HOURS_OF_A_DAY; hour += 1)
    hourStarts[hour + 1] = (hourStarts[hour + 1] ?? 0) + (hourStarts[hour] ?? 0);
  const column = (name: (typeof USE_COLUMNS)[number]) => Float64Array.from(rows, (row) => row[name] ?? Number.NaN);
  const readings = (resource: "cpu" | "memory" | "gpu") => ({
    requested: column(`${resource}_requested`),
    used: column(`${resource}_used`),
    larger: column(`${resource}_larger`),
  });
  return {
    ...uses,
    nodeNames: [...nodes.keys()],
    hourStarts,
    namespace,
    node,
    readings: { cpuCores: readings("cpu"), memoryGib: readings("memory"), gpus: readings("gpu") },
  };
}
