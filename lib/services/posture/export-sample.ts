import { recordActivity } from "#lib/db/activity.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import { writeCsv } from "#lib/reports/write-csv.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { SampleQuery, SampleView } from "#lib/services/posture/posture-view.ts";
import { drawSample } from "#lib/services/posture/read-sample.ts";
import { evaluationColumns, toEvaluationCells } from "#lib/services/report-contents/evaluation-columns.ts";
import type { ExportedFile } from "#lib/services/spend/export-spend.ts";

/** Of a seed, in the file's name: whole in each of its rows. */
const SEED_IN_NAME = 40;

/**
 * The rows that `readSample` draws as CSV: each with its place in the population, and with all that somebody else needs to draw it again.
 * Who took it is logged. Needs "compliance:export"; a member draws from what is the own team's.
 *
 * @throws AppError as `readSample`.
 */
export async function exportSample(context: ServiceContext, query: SampleQuery): Promise<ExportedFile> {
  await authorise(context, "compliance:export", "posture");
  const view = await drawSample(context, query);
  const { frameworkId, filters, verdicts } = query;
  const { at, from, size, seed, population, rows } = view;
  await recordActivity(context.database.pool, {
    at: context.now,
    actor: context.actor,
    action: "sample.exported",
    subject: frameworkId ?? "every rule",
    after: { asOf: at, from, filters, verdicts, size, seed, population, rows: rows.length },
  });
  const name = [frameworkId ?? "every-rule", "sample", size, "seed", seed.slice(0, SEED_IN_NAME), "as-of", at];
  return {
    fileName: `${name.join("-").replaceAll(/[^\w.-]+/g, "_")}.csv`,
    contentType: "text/csv; charset=utf-8",
    body: writeCsv(toTable(view)),
  };
}

function toTable({ at, from, size, seed, population, rows }: SampleView): ReportTable {
  return {
    title: "Sample",
    columns: [
      { name: "Place", type: "count" },
      ...evaluationColumns,
      { name: "Seed", type: "text" },
      { name: "Size", type: "count" },
      { name: "Population", type: "count" },
      { name: "Period from", type: "text" },
      { name: "As of", type: "text" },
    ],
    rows: rows.map((row) => [
      String(row.place),
      ...toEvaluationCells(row),
      seed,
      String(size),
      String(population),
      from,
      at,
    ]),
    about: [],
  };
}
