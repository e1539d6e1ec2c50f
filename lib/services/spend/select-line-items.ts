import { join } from "node:path";
import { readKeyHashes } from "#lib/db/spend/read-spend.ts";
import { resolveHome } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { openScope } from "#lib/services/spend/open-scope.ts";
import type { SpendQuery } from "#lib/services/spend/spend-view.ts";
import { loadSource, type LoadedSource } from "#lib/services/sources/load-source.ts";
import type { LineItemOptions } from "#lib/sources/focus/index.ts";
import type { SourceFile } from "#lib/sources/source.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";

/** The most roll-up keys that are followed to their line items at once. */
const MAX_KEYS = 50_000;

/** Dimensions of the owner: a team's share of a pool has no line items of its own. */
const OWNER_DIMENSIONS = ["team", "businessUnit", "costCentre"] as const;

/** One look into the files of one source in one currency. */
export type LineItemSelection = {
  source: LoadedSource & { focus: NonNullable<LoadedSource["focus"]> };
  currency: string;
  files: SourceFile[];
  options: LineItemOptions;
  /** What the selection leaves out, in words; null where nothing. */
  note: string | null;
};

/**
 * Which line items stand behind a figure: per source and currency, the files of the published slices and the roll-up keys to look for.
 * Only as many sources as the question reaches are looked into.
 */
export async function selectLineItems(
  context: ServiceContext,
  query: SpendQuery & { resourceId?: string | null },
): Promise<LineItemSelection[]> {
  const isByOwner = context.actor.role === "member" || OWNER_DIMENSIONS.some((dimension) => query.filters[dimension]);
  const kinds = query.kinds.length > 0 ? query.kinds : (["direct", "shared", "unallocated"] as const);
  const asked = isByOwner ? kinds.filter((kind) => kind !== "shared") : kinds;
  if (asked.length === 0)
    throw new AppError("invalid_input", "A share of a pool has no line items of its own.", {
      remedy: "Look at the pool's cost without the filter on its owners.",
    });
  const { question } = await openScope(context, { ...query, kinds: [...asked], currency: null });
  const hashes = await readKeyHashes(context.database.pool, question, MAX_KEYS);
  if (hashes.length === MAX_KEYS)
    throw new AppError("limit_reached", `More than ${MAX_KEYS} groups of line items stand behind this figure.`, {
      remedy: "Go one level down, or choose a shorter period.",
    });

  const slices = await readSliceFiles(context, [...new Set(hashes.map((key) => key.sliceId))]);
  const home = resolveHome();
  const selections: LineItemSelection[] = [];
  for (const [sourceKey, ofSource] of Map.groupBy(slices, (slice) => slice.sourceKey)) {
    const source = await loadSource(context.database, sourceKey);
    const { focus } = source;
    if (!focus) continue;
    const periods = new Map(ofSource.map((slice) => [slice.id, slice.period]));
    const own = hashes.flatMap(({ sliceId, currency, hash }) => {
      const period = periods.get(sliceId);
      return period === undefined ? [] : [{ period, currency, hash }];
    });
    for (const [currency, keys] of Map.groupBy(own, (key) => key.currency))
      selections.push({
        source: { ...source, focus },
        currency,
        files: ofSource.flatMap((slice) => slice.files),
        note:
          isByOwner && !query.resourceId
            ? "Shares of pools are not listed: their line items belong to the pool."
            : null,
        options: {
          periods: ofSource.map((slice) => slice.period),
          filter: {
            keys,
            resourceId: query.resourceId ?? null,
            dayFrom: query.from,
            dayTo: query.to,
          },
          projection: mergeProjections(ofSource.map((slice) => slice.projection)),
          orderBy: query.basis,
          scratchDir: join(home, "scratch"),
          cacheDir: join(home, "cache"),
          signal: AbortSignal.timeout(MAX_SCAN_MS),
        },
      });
  }
  return selections;
}

/** Nobody waits longer for a side sheet. */
const MAX_SCAN_MS = 120_000;

type SliceFiles = { id: number; sourceKey: string; period: string; files: SourceFile[]; projection: Projection };

async function readSliceFiles(context: ServiceContext, sliceIds: number[]): Promise<SliceFiles[]> {
  const { rows } = await context.database.pool.query<{
    id: number;
    source_key: string;
    period: string;
    files: SourceFile[];
    projection: Projection;
  }>(
    `SELECT s.id, s.source_key, s.period, s.files, p.projection FROM slice s JOIN publication p ON p.id = s.publication_id WHERE s.id = ANY($1) ORDER BY s.period`,
    [sliceIds],
  );
  return rows.map((row) => ({
    id: row.id,
    sourceKey: row.source_key,
    period: row.period,
    files: row.files,
    projection: row.projection,
  }));
}

/** Slices of one source are read with one projection; they differ only for as long as a re-read is under way. */
function mergeProjections(projections: readonly Projection[]): Projection {
  const [first, ...others] = projections;
  if (!first) throw new AppError("not_found", "There are no published figures behind this.");
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first)))
    throw new AppError("conflict", "The months of this range are being read again with other tags.", {
      remedy: "Try again in a few minutes, or look at one month at a time.",
    });
  return first;
}
