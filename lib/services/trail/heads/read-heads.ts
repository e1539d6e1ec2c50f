import { isAllowed } from "#lib/access/permissions.ts";
import { loadConfig } from "#lib/config.ts";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { readCopyStanding, readHeadFailures, readNewestHeads, type HeadFailure } from "#lib/db/trail/head-copies.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { headPlaces } from "#lib/services/trail/heads/head-places.ts";
import type { HeadPlaceView, HeadsView, StampsView } from "#lib/services/trail/heads/heads-view.ts";

const MOST_HEADS = 50;

/** What was published of the log, up to which head each place outside of the database has it, and what keeps it from there. */
export async function readHeads(context: ServiceContext): Promise<HeadsView> {
  await authorise(context, "activity:read", "heads of the log");
  const { pool } = context.database;
  const failures = await readConfiguredFailures(pool);
  const { size } = await readFrontier(pool);
  const names = headPlaces().map(({ name }) => name);
  const heads = await readNewestHeads(pool, names, MOST_HEADS);
  return {
    entries: size,
    heads: heads.map(({ at, stampedAt, ...head }) => ({
      ...head,
      at: at.toISOString(),
      stampedAt: stampedAt?.toISOString() ?? null,
    })),
    places: await readPlaces(pool, failures),
    stamps: await readStamps(pool, failures),
    mayPublish: isAllowed(context.actor, "heads:publish"),
  };
}

/** Where heads cannot be written, or are not stamped, of what is configured now. */
export async function readConfiguredFailures(sql: SqlExecutor): Promise<(HeadFailure & { isPlace: boolean })[]> {
  const { audit, timestamps } = loadConfig();
  const names = headPlaces().map(({ name }) => name);
  const wanted = audit.heads.timestamps && timestamps ? [...names, timestamps.url] : names;
  const failures = (await readHeadFailures(sql)).filter(({ place }) => wanted.includes(place));
  return failures.map((failure) => ({ ...failure, isPlace: names.includes(failure.place) }));
}

async function readPlaces(sql: SqlExecutor, failures: readonly HeadFailure[]): Promise<HeadPlaceView[]> {
  const lock = loadConfig().audit.heads.s3?.lock ?? null;
  const views: HeadPlaceView[] = [];
  for (const { name, isLocked } of headPlaces()) {
    const { newest, waiting, waitingSince } = await readCopyStanding(sql, name);
    views.push({
      name,
      lock: isLocked ? lock : null,
      newest: newest && { ...newest, at: newest.at.toISOString(), copiedAt: newest.copiedAt.toISOString() },
      waiting,
      waitingSince: waitingSince?.toISOString() ?? null,
      failure: failureOf(failures, name),
    });
  }
  return views;
}

async function readStamps(sql: SqlExecutor, failures: readonly HeadFailure[]): Promise<StampsView | null> {
  const { audit, timestamps } = loadConfig();
  if (!audit.heads.timestamps || timestamps === undefined) return null;
  const { rows } = await sql.query(
    "SELECT size::float8 AS size, stamped_at FROM tree_head WHERE stamped_at IS NOT NULL ORDER BY tree_head.size DESC LIMIT 1",
  );
  const [row] = rows;
  return {
    url: timestamps.url,
    newest: row ? { size: Number(row["size"]), stampedAt: (row["stamped_at"] as Date).toISOString() } : null,
    failure: failureOf(failures, timestamps.url),
  };
}

function failureOf(failures: readonly HeadFailure[], place: string): HeadPlaceView["failure"] {
  const found = failures.find((one) => one.place === place);
  return found === undefined ? null : { since: found.since.toISOString(), error: found.error };
}
