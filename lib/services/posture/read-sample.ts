import { countSql, rankedSql, rowsSql } from "#lib/db/posture/population-sql.ts";
import { samplePlaces } from "#lib/domain/posture/sample.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openPopulation } from "#lib/services/posture/open-population.ts";
import { MOST_SAMPLE_ROWS, type SampleQuery, type SampleView } from "#lib/services/posture/posture-view.ts";
import { toEvaluationRow } from "#lib/services/posture/to-evaluation-row.ts";

const METHOD =
  "The population is ordered by rule, kind and key of the resource, source, part and beginning, by the bytes of their names, and counted from 0. Floyd's algorithm draws the places with mulberry32 seeded by the FNV-1a hash of the seed, refusing numbers that would favour some places. Over a period, a stretch that is drawn is shown in pieces where a gap or an accepted risk begins or ends in it.";

/**
 * A random sample of a population. The same population, size and seed draw the same rows, here or by hand.
 *
 * @throws AppError "invalid_input" for a size outside of 1 to MOST_SAMPLE_ROWS or an empty seed; as `openPopulation`.
 */
export async function readSample(context: ServiceContext, query: SampleQuery): Promise<SampleView> {
  await authorise(context, "compliance:read", "posture");
  return drawSample(context, query);
}

/** As `readSample`, for verbs that have asked for their own permission. */
export async function drawSample(context: ServiceContext, query: SampleQuery): Promise<SampleView> {
  const { size, seed } = query;
  if (!Number.isInteger(size) || size < 1 || size > MOST_SAMPLE_ROWS || seed.trim() === "")
    throw new AppError("invalid_input", `A sample has a seed and 1 to ${MOST_SAMPLE_ROWS} rows.`, {
      remedy: "Choose another size, or name a seed.",
    });
  const { pool } = context.database;
  const population = await openPopulation(context, query);
  const counting = countSql(population);
  const counted = await pool.query<{ n: number }>(counting.text, counting.values);
  const all = counted.rows[0]?.n ?? 0;
  const ranked = rankedSql(population);
  const drawn = await pool.query<{ id: string; rank: string }>(
    `SELECT id, rank FROM (${ranked.text}) ranked WHERE rank = ANY($${ranked.values.length + 1}::bigint[])`,
    [...ranked.values, samplePlaces(all, size, seed)],
  );
  const reading = rowsSql(population, { also: `AND e.id = ANY($${ranked.values.length + 1}::bigint[])` });
  const { rows } = await pool.query<Record<string, unknown>>(reading.text, [
    ...reading.values,
    drawn.rows.map(({ id }) => id),
  ]);
  const places = new Map(drawn.rows.map(({ id, rank }) => [id, Number(rank)]));
  return {
    at: population.known.toISOString(),
    from: population.from?.toISOString() ?? null,
    size,
    seed,
    method: METHOD,
    population: all,
    drawn: drawn.rows.length,
    rows: rows.map(toEvaluationRow).map((row) => ({ ...row, place: places.get(row.evaluationId) ?? 0 })),
  };
}
