/** What a namespace asked for and used in one hour on one node: averages over the hour, null = not observed. */
export type UsageRow = {
  /** Hour of the day, 0 to 23, UTC. */
  hour: number;
  namespace: string;
  /** "" = not known. */
  node: string;
  cpuRequested: number | null;
  cpuUsed: number | null;
  /** Average of the larger of both over the samples; null = only the averages are known. */
  cpuLarger: number | null;
  /** GiB, as all memory and volumes. */
  memoryRequested: number | null;
  memoryUsed: number | null;
  memoryLarger: number | null;
  gpuRequested: number | null;
  gpuUsed: number | null;
  gpuLarger: number | null;
  /** Of the hour, received and sent. */
  networkBytes: number | null;
  /** In one row of the namespace and hour only. */
  volumeGib: number | null;
  pods: number | null;
};

/** A cluster's day. Hours of which nothing was seen have no rows. */
export type UsageReading = {
  rows: UsageRow[];
  /** Hours that were observed in whole. */
  observedHours: number[];
};

export const GIB = 1_073_741_824;
export const HOURS_OF_A_DAY = 24;

/** Rows by hour, namespace and node, made as they are asked for. */
export function rowBook(): { at(hour: number, namespace: string, node: string): UsageRow; rows(): UsageRow[] } {
  const rows = new Map<string, UsageRow>();
  return {
    at(hour, namespace, node) {
      const key = `${hour}/${namespace}/${node}`;
      const found = rows.get(key) ?? { ...UNOBSERVED, hour, namespace, node };
      rows.set(key, found);
      return found;
    },
    rows: () => [...rows.values()].toSorted(byPlace),
  };
}

const UNOBSERVED = {
  cpuRequested: null,
  cpuUsed: null,
  cpuLarger: null,
  memoryRequested: null,
  memoryUsed: null,
  memoryLarger: null,
  gpuRequested: null,
  gpuUsed: null,
  gpuLarger: null,
  networkBytes: null,
  volumeGib: null,
  pods: null,
} as const;

function byPlace(left: UsageRow, right: UsageRow): number {
  return left.hour - right.hour || compare(left.namespace, right.namespace) || compare(left.node, right.node);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
