import {
  RESOURCES,
  type ReadingColumns,
  type Resource,
  type UseColumns,
} from "#lib/domain/cluster-bill/cluster-hour.ts";

/** An average over the hour in cores, GiB or GPUs; null = not observed. */
export type Reading = { requested: number | null; used: number | null; larger?: number | null };

/** One row of UseColumns for those who have few of them. A resource that is left out was not observed. */
export type NamespaceUse = { namespace: number; node: number | null } & Partial<Record<Resource, Reading>>;

/** Request and usage at one instant; null = not observed. */
export type UseSample = { requested: number | null; used: number | null };

/** Rows as columns. */
export function columnsOfUses(rows: readonly NamespaceUse[]): UseColumns {
  const column = (read: (row: NamespaceUse) => number | null | undefined) =>
    Float64Array.from(rows, (row) => read(row) ?? Number.NaN);
  const readings = (resource: Resource): ReadingColumns => ({
    requested: column((row) => row[resource]?.requested),
    used: column((row) => row[resource]?.used),
    larger: column((row) => row[resource]?.larger),
  });
  const [cpuCores, memoryGib, gpus] = RESOURCES.map(readings);
  if (!cpuCores || !memoryGib || !gpus) throw new RangeError("a resource is missing");
  return {
    count: rows.length,
    namespace: Uint32Array.from(rows, (row) => row.namespace),
    node: Int32Array.from(rows, (row) => row.node ?? -1),
    readings: { cpuCores, memoryGib, gpus },
  };
}

/**
 * The averages over an hour of one namespace's samples on one node. A sample that is missing (null) is a gap and left out; an
 * instant at which nothing ran is a sample of zeros. `larger` is the average of the larger of request and usage over the samples
 * that have both, which is what OpenCost charges for and cannot be had from the two averages.
 */
export function averageSamples(samples: readonly UseSample[]): Required<Reading> {
  const both = samples.flatMap(({ requested, used }) =>
    requested === null || used === null ? [] : [Math.max(requested, used)],
  );
  return {
    requested: average(samples.flatMap(({ requested }) => requested ?? [])),
    used: average(samples.flatMap(({ used }) => used ?? [])),
    larger: average(both),
  };
}

function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
}
