import type { SqlExecutor } from "#lib/db/activity.ts";
import { NOISE_FLOOR, type SignEvidence, type TimeRange } from "#lib/domain/dormancy/sign.ts";
import type { UsageSigns } from "#lib/services/namespaces/gather-evidence.ts";

const HOUR_MS = 3_600_000;
/** Most namespaces that are used were used in the newest days; only the others are looked for in the whole window. */
const NEWEST_MS = 48 * HOUR_MS;

type LastUse = { cpu: Date | null; traffic: Date | null };

/**
 * What metrics say of the use of every namespace of a cluster in a window, by uid; nothing where no usage is collected. A namespace
 * without a row in an hour that was observed used nothing; an hour that was not observed is a gap.
 */
export async function readUsageSigns(
  sql: SqlExecutor,
  { clusterKey, from, to }: { clusterKey: string; from: Date; to: Date },
): Promise<Map<string, UsageSigns>> {
  const hours = await observedHours(sql, clusterKey, from, to);
  const [first] = hours;
  if (first === undefined) return new Map();
  const there = await sql.query("SELECT uid FROM namespace WHERE cluster_key = $1 AND seen_to IS NULL", [clusterKey]);
  const uids = there.rows.map(({ uid }) => String(uid));
  const newest = new Date(Math.max(from.getTime(), to.getTime() - NEWEST_MS));
  const recent = await lastUses(sql, { clusterKey, uids, from: newest, to });
  const quiet = uids.filter((uid) => !recent.get(uid)?.cpu && !recent.get(uid)?.traffic);
  const earlier = await lastUses(sql, { clusterKey, uids: quiet, from, to: newest });
  const gaps = gapsBetween(hours, to);
  const observedFrom = new Date(first).toISOString();
  const evidence = (lastUse: Date | null | undefined): SignEvidence => ({
    state: "observed",
    observedFrom,
    gaps,
    lastUse: lastUse?.toISOString() ?? null,
    detail: "",
  });
  return new Map(
    uids.map((uid) => [
      uid,
      {
        cpu: evidence(recent.get(uid)?.cpu ?? earlier.get(uid)?.cpu),
        traffic: evidence(recent.get(uid)?.traffic ?? earlier.get(uid)?.traffic),
      },
    ]),
  );
}

/** The hours of the window that were observed in whole, ascending, from the last one before the window on. */
async function observedHours(sql: SqlExecutor, clusterKey: string, from: Date, to: Date): Promise<number[]> {
  const { rows } = await sql.query(
    `SELECT extract(epoch FROM day + hour * interval '1 hour') * 1000 AS at
     FROM usage_day CROSS JOIN unnest(observed_hours) AS hour
     WHERE cluster_key = $1 AND day >= $2::timestamptz::date - 1 AND day <= $3::timestamptz::date ORDER BY 1`,
    [clusterKey, from, to],
  );
  return rows.map(({ at }) => Number(at)).filter((at) => at < to.getTime());
}

async function lastUses(
  sql: SqlExecutor,
  asked: { clusterKey: string; uids: readonly string[]; from: Date; to: Date },
): Promise<Map<string, LastUse>> {
  if (asked.uids.length === 0) return new Map();
  const { rows } = await sql.query(
    `SELECT namespace_uid AS uid, max(hour) FILTER (WHERE cpu > ${NOISE_FLOOR.cpuCores}) AS cpu,
       max(hour) FILTER (WHERE bytes > ${NOISE_FLOOR.trafficBytesPerSecond * 3_600}) AS traffic
     FROM (
       SELECT namespace_uid, hour, sum(cpu_used) AS cpu, sum(network_bytes) AS bytes FROM namespace_usage_hour
       WHERE cluster_key = $1 AND namespace_uid = ANY($2) AND hour >= $3 AND hour < $4 GROUP BY namespace_uid, hour
     ) hours GROUP BY namespace_uid`,
    [asked.clusterKey, [...asked.uids], asked.from, asked.to],
  );
  return new Map(
    rows.map((row) => [String(row.uid), { cpu: row.cpu as Date | null, traffic: row.traffic as Date | null }]),
  );
}

/** The stretches between observed hours, and after the last of them. */
function gapsBetween(hours: readonly number[], to: Date): TimeRange[] {
  return hours.flatMap((hour, index) => {
    const end = hour + HOUR_MS;
    const next = hours[index + 1] ?? to.getTime();
    return next > end ? [{ from: new Date(end).toISOString(), to: new Date(next).toISOString() }] : [];
  });
}
