import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadConfig } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { resolveHome } from "#lib/db/home.ts";
import { toAppError } from "#lib/errors.ts";
import { requestTimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import { writeBundle, type MadeBundle } from "#lib/reports/bundle/write-bundle.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { contentOfReport } from "#lib/services/report-contents/content-of-report.ts";
import { bundlePath } from "#lib/services/reports/bundle-path.ts";
import { readLogHead } from "#lib/db/reports/read-log-head.ts";
import { loadReport, type StoredReport } from "#lib/services/reports/report-row.ts";
import { softwareVersion } from "#lib/services/reports/software-version.ts";
import { openSigningKey } from "#lib/services/signing/open-signing-key.ts";
import { findHeadAbove } from "#lib/services/trail/heads/read-head.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";

/** People look at the progress about as often. */
const PROGRESS_EVERY_MS = 500;

/**
 * Makes a queued report into its bundle. Made again it gives the same payload, so that a worker that was killed in the middle is simply
 * followed by another. What fails stands in the report's row, and is thrown.
 */
export async function makeReport(
  context: ServiceContext,
  input: { reportId: string; signal?: AbortSignal },
): Promise<void> {
  await authorise(context, "sources:pull", `report ${input.reportId}`);
  const { pool } = context.database;
  const report = await loadReport(pool, input.reportId, context.actor);
  if (report.state === "ready") return;
  await pool.query("UPDATE report SET state = 'running', error = NULL WHERE id = $1", [report.id]);
  try {
    const made = await write(context, report, input.signal);
    await finish(context, report, made);
  } catch (thrown) {
    await pool.query(
      "UPDATE report SET state = 'failed', progress = NULL, error = $2, finished_at = now() WHERE id = $1",
      [report.id, JSON.stringify(toAppError(thrown))],
    );
    throw thrown;
  }
}

async function write(context: ServiceContext, report: StoredReport, signal?: AbortSignal): Promise<MadeBundle> {
  const home = resolveHome();
  const path = bundlePath(home, report.id);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { parameters } = report;
  const { formats, ...asked } = parameters;
  const head = {
    kind: report.kind,
    organisation: loadConfig().organisation,
    parameters: asked,
    asOf: new Date(parameters.asOf),
    formats,
    version: softwareVersion(),
    logHead: await readLogHead(context.database.pool, parameters.asOf),
  };
  // Before anything is written: what cannot be signed need not be made.
  const key = await openSigningKey(context);
  if (report.kind === "trail") await publishHeadFor(context, Number(parameters.throughEntry), key.keyid);
  // As whom it was asked for: what that role may not see is not in it.
  const content = contentOfReport({ ...context, actor: report.actor }, parameters);
  const options = {
    key,
    timestamp: stampOf(loadConfig().timestamps?.url ?? null, signal),
    progress: progressOf(context, report.id),
    ...(signal ? { signal } : {}),
  };
  const scratch = join(home, "scratch", `report-${randomUUID()}`);
  return content.write((rows, extra) =>
    writeBundle(path, scratch, head, rows, { ...options, ...(extra ? { extra } : {}) }),
  );
}

/** Events that came since the last head have none to be proven against: asking for the report is itself an entry, so that one is published now. */
async function publishHeadFor(context: ServiceContext, through: number, keyId: string): Promise<void> {
  if ((await findHeadAbove(context.database.pool, through, keyId)) === null) await sealTrail(context);
}

function stampOf(url: string | null, signal: AbortSignal | undefined) {
  return url === null ? null : (envelope: Buffer) => requestTimeStamp(url, envelope, signal);
}

function progressOf({ database }: ServiceContext, reportId: string) {
  let saidAt = 0;
  return async (step: string, done: number): Promise<void> => {
    if (step === "data" && Date.now() - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = Date.now();
    await database.pool.query("UPDATE report SET progress = $2 WHERE id = $1 AND state = 'running'", [
      reportId,
      JSON.stringify({ step, done, total: null }),
    ]);
  };
}

async function finish(
  context: ServiceContext,
  report: StoredReport,
  { sha256, size, manifestSha256, sums }: MadeBundle,
) {
  await context.database.transact(async ({ sql }) => {
    await sql.query(
      `UPDATE report SET state = 'ready', progress = NULL, error = NULL, sha256 = $2, size = $3, totals = $4, finished_at = now() WHERE id = $1`,
      [report.id, sha256, size, JSON.stringify({ rows: sums.rows, totals: sums.totals })],
    );
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "report.made",
      subject: `${report.kind} ${report.id}`,
      after: { sha256, size, manifestSha256, rows: sums.rows },
    });
  });
}
