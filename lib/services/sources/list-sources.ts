import { loadConfig } from "#lib/config.ts";
import { expectedPeriods } from "#lib/domain/freshness.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { ASKED_SQL, toRunView } from "#lib/services/runs/run-view.ts";
import type { FindingView, RunView, SliceView, SourceView } from "#lib/services/sources/source-view.ts";

/** Runs that the page lists per source. */
const SHOWN_RUNS = 20;

/** The most findings listed per source. */
const SHOWN_FINDINGS = 200;

type Row = Record<string, unknown>;

/** Every source with its calendar of slices, findings and last runs; removed ones last. */
export async function listSources(context: ServiceContext): Promise<SourceView[]> {
  await authorise(context, "sources:read", "sources");
  const { pool } = context.database;
  const [sources, slices, runs, findings] = await Promise.all([
    pool.query<Row>("SELECT * FROM source ORDER BY removed_at NULLS FIRST, created_at, key"),
    pool.query<Row>(
      `SELECT s.*, p.published_at, p.data_until, p.totals, r.last_run,
              (SELECT count(*)::int FROM publication WHERE slice_id = s.id) AS publications
       FROM slice s LEFT JOIN publication p ON p.id = s.publication_id
       LEFT JOIN LATERAL (SELECT id AS last_run FROM run WHERE slice_id = s.id ORDER BY queued_at DESC LIMIT 1) r ON true
       ORDER BY s.period`,
    ),
    pool.query<Row>(
      `SELECT run.*, ${ASKED_SQL} FROM (SELECT run.*, row_number() OVER (PARTITION BY source_key ORDER BY queued_at DESC) AS place,
              row_number() OVER (PARTITION BY slice_id ORDER BY queued_at DESC) AS slice_place FROM run) run
       WHERE place <= ${SHOWN_RUNS} OR slice_place = 1 ORDER BY queued_at DESC`,
    ),
    pool.query<Row>(
      `SELECT * FROM (SELECT f.*, s.source_key, s.period, row_number() OVER (PARTITION BY s.source_key ORDER BY s.period DESC, f.id) AS place
       FROM finding f JOIN slice s ON s.id = f.slice_id) ranked WHERE place <= ${SHOWN_FINDINGS} ORDER BY period DESC, id`,
    ),
  ]);
  const runViews = new Map(runs.rows.map((row) => [String(row.id), toRunView(row)]));
  return sources.rows.map((source) =>
    toSourceView(context, source, {
      slices: slices.rows.filter((row) => row.source_key === source.key),
      runs: [...runViews.values()],
      findings: findings.rows.filter((row) => row.source_key === source.key).map(toFindingView),
    }),
  );
}

function toSourceView(
  context: ServiceContext,
  source: Row,
  parts: { slices: Row[]; runs: RunView[]; findings: FindingView[] },
): SourceView {
  const key = String(source.key);
  const configured = loadConfig().sources[key];
  // What sends by itself has a slice for its findings only, which nobody offers and nobody reads.
  const offered = parts.slices.filter(
    (row) => row.dataset !== "events" || row.offered !== null || row.published !== null,
  );
  const slices = offered.map((row) => toSliceView(row, parts.runs));
  const publishedAt = slices
    .map((slice) => slice.publishedAt)
    .filter((at) => at !== null)
    .toSorted();
  return {
    key,
    kind: String(source.kind),
    title: String(source.title),
    dataset: source.dataset as SourceView["dataset"],
    location: locationOf(source.settings as Record<string, unknown>),
    schedule: configured?.schedule ?? null,
    removed: source.removed_at !== null,
    planError: source.plan_error as SourceView["planError"],
    plannedAt: (source.planned_at as Date | null)?.toISOString() ?? null,
    freshAt: publishedAt.at(-1) ?? null,
    slices:
      source.dataset === "cost" ? withHoles(slices, source.expected_from as BillingPeriod | null, context.now) : slices,
    findings: parts.findings,
    runs: parts.runs.filter((run) => run.sourceKey === key).slice(0, SHOWN_RUNS),
  };
}

function toSliceView(row: Row, runs: readonly RunView[]): SliceView {
  const isPublished = row.publication_id !== null;
  return {
    id: Number(row.id),
    period: String(row.period),
    state: isPublished ? (row.stale ? "stale" : "loaded") : row.offered ? "waiting" : "missing",
    publishedAt: (row.published_at as Date | null)?.toISOString() ?? null,
    dataUntil: (row.data_until as Date | null)?.toISOString() ?? null,
    publications: Number(row.publications),
    totals: row.dataset === "cost" ? (row.totals as SliceView["totals"]) : null,
    lastRun: runs.find((run) => run.id === row.last_run) ?? null,
  };
}

/** Adds the periods that should be there and are not, so that a hole is seen and not closed over. */
function withHoles(slices: SliceView[], expectedFrom: BillingPeriod | null, now: Date): SliceView[] {
  const there = slices.filter((slice) => slice.state !== "missing").map((slice) => slice.period as BillingPeriod);
  const known = new Set(slices.map((slice) => slice.period));
  const holes = expectedPeriods(expectedFrom, there, now).missing.filter((period) => !known.has(period));
  return [
    ...slices,
    ...holes.map((period): SliceView => ({
      id: null,
      period,
      state: "missing",
      publishedAt: null,
      dataUntil: null,
      publications: 0,
      totals: null,
      lastRun: null,
    })),
  ].toSorted((a, b) => (a.period < b.period ? -1 : 1));
}

function toFindingView(row: Row): FindingView {
  return {
    period: String(row.period),
    file: String(row.file),
    code: String(row.code),
    column: row.column as string | null,
    message: String(row.message),
    count: Number(row.count),
    firstRow: row.first_row as number | null,
    sample: row.sample as string | null,
  };
}

function locationOf(settings: Record<string, unknown>): string {
  if (typeof settings.bucket === "string")
    return `s3://${[settings.bucket, settings.prefix].filter(Boolean).join("/")}`;
  if (typeof settings.roleArn === "string") return settings.roleArn;
  return typeof settings.path === "string" ? settings.path : "";
}
