import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMMAND_LINE_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { openScratch } from "#lib/rollups/load-charges.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { ensureSlice, requestRun } from "#lib/services/runs/request-run.ts";
import { takeRun, type RunLease } from "#lib/services/runs/run-lease.ts";
import { publishSlice, type PublishableSlice } from "#lib/services/slices/publish-slice.ts";
import type { ControlTotals } from "#lib/services/sources/source-view.ts";
import { COST_BASES, decimal, toAmount } from "#lib/domain/money.ts";

/** One line of hand-made cost; all four bases are the same amount unless given. */
export type Line = {
  day: string;
  account: string;
  service: string;
  billed: string;
  effective?: string;
  tags?: Record<string, string>;
  currency?: string;
};

export function contextOn(database: Database, now = new Date()): ServiceContext {
  return { actor: COMMAND_LINE_ACTOR, database, now };
}

/** A slice's run, queued and taken, ready to publish. */
export async function takenRun(
  context: ServiceContext,
  sourceKey: string,
  period: string,
): Promise<{ sliceId: number; lease: RunLease }> {
  await context.database.pool.query(
    "INSERT INTO source (key, kind, title, dataset) VALUES ($1, 'focus', $1, 'cost') ON CONFLICT DO NOTHING",
    [sourceKey],
  );
  const { sliceId, runId } = await context.database.transact(async (transaction) => {
    const id = await ensureSlice(transaction, { sourceKey, dataset: "cost", period });
    const run = await requestRun(transaction, context, {
      kind: "pull",
      sourceKey,
      sliceId: id,
      period,
      trigger: "person",
      logicalTime: context.now,
    });
    return { sliceId: id, runId: run.runId };
  });
  return { sliceId, lease: await takeRun(context.database, runId) };
}

/** Publishes hand-made lines as a slice, through everything but the reading of files. */
export async function publishLines(
  context: ServiceContext,
  slice: { sourceKey: string; period: string; lines: readonly Line[] },
  change: (publishable: PublishableSlice) => PublishableSlice = (publishable) => publishable,
): Promise<{ sliceId: number }> {
  const { sliceId, lease } = await takenRun(context, slice.sourceKey, slice.period);
  const scratchDir = await mkdtemp(join(tmpdir(), "bursar-lines-"));
  const scratch = await openScratch(scratchDir);
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const values = slice.lines.map((line) => {
    const tags = JSON.stringify(line.tags ?? {});
    return `(${[line.currency ?? "EUR", line.account, line.service, tags, line.day, line.billed, line.effective ?? line.billed].map(quote).join(", ")})`;
  });
  await scratch.connection.run(
    `CREATE TABLE line AS SELECT * FROM (VALUES ${values.join(", ")}) AS v (currency, account, service, tags, day, billed, effective)`,
  );
  await scratch.connection.run(`
    CREATE TABLE charge_key AS SELECT row_number() OVER (ORDER BY currency, account, service, tags)::INTEGER AS key_no,
      md5(concat_ws('|', currency, account, service, tags, '${slice.sourceKey}')) AS hash, currency, 'AWS' AS provider, '${slice.sourceKey}' AS billing_account_id, account AS sub_account_id,
      'eu-central-1' AS region_id, 'Compute' AS service_category, service AS service_name, 'Usage' AS charge_category, '' AS environment, tags,
      '[]' AS resource_patterns
    FROM (SELECT DISTINCT currency, account, service, tags FROM line)`);
  await scratch.connection.run(`
    CREATE TABLE charge AS SELECT key_no, day::DATE AS day, sum(billed::DECIMAL(38,12))::DECIMAL(38,12) AS billed, sum(effective::DECIMAL(38,12))::DECIMAL(38,12) AS effective,
      sum(billed::DECIMAL(38,12))::DECIMAL(38,12) AS list, sum(billed::DECIMAL(38,12))::DECIMAL(38,12) AS contracted, count(*)::INTEGER AS line_items
    FROM line JOIN charge_key k ON k.currency = line.currency AND k.sub_account_id = line.account AND k.service_name = line.service AND k.tags = line.tags
    GROUP BY key_no, day`);
  await scratch.connection.run(
    `CREATE TABLE account AS SELECT DISTINCT 'AWS' AS provider, account AS account_id, 'Account ' || account AS name, '${slice.sourceKey}' AS billing_account_id FROM line`,
  );
  try {
    await publishSlice(
      context,
      lease,
      change({
        sliceId,
        sourceKey: slice.sourceKey,
        period: slice.period,
        reason: "load",
        connection: scratch.connection,
        controlTotals: controlTotalsOf(slice.lines),
        counts: { files: 1, lineItems: slice.lines.length, bytes: 0 },
        projection: { tagKeys: ["team"], environmentTags: [], resourcePatterns: [] },
        fingerprint: "fingerprint",
        dataUntil: new Date(`${slice.period}-28T00:00:00Z`),
        findings: [],
        files: [],
        scratchDir,
        verifyUnchanged: async () => undefined,
      }),
    );
  } finally {
    lease.release();
    await scratch.close();
  }
  return { sliceId };
}

export function controlTotalsOf(lines: readonly Line[]): ControlTotals {
  const totals: ControlTotals = {};
  for (const line of lines) {
    const total = (totals[line.currency ?? "EUR"] ??= {
      billed: "0",
      effective: "0",
      list: "0",
      contracted: "0",
      lineItems: 0,
    });
    for (const basis of COST_BASES)
      total[basis] = toAmount(
        decimal(total[basis]).plus(basis === "effective" ? (line.effective ?? line.billed) : line.billed),
      );
    total.lineItems += 1;
  }
  return totals;
}

/** Teams of the directory, without history. */
export async function addTeams(
  database: Database,
  teams: readonly { key: string; unit?: string; from?: string; to?: string }[],
): Promise<void> {
  for (const team of teams)
    await database.pool.query(
      `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, valid_from, valid_to, source_key)
       VALUES ($1, $2, $3, $3, '', '', '{}', $4, $5, 'directory')`,
      [team.key, team.key.toUpperCase(), team.unit ?? "unit", team.from ?? null, team.to ?? null],
    );
}
