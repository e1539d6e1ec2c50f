import { recordActivity } from "#lib/db/activity.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { refuseTooMany } from "#lib/services/report-contents/trail-size.ts";
import { PERMISSION_OF_KIND, resolveParameters } from "#lib/services/reports/report-parameters.ts";
import { loadReport, toReportView } from "#lib/services/reports/report-row.ts";
import type { ReportView } from "#lib/services/reports/report-view.ts";
import { enqueue } from "#lib/services/runs/queue.ts";

/**
 * Queues the making of a report; who asked for what is logged. It is made as the asker sees things now: a member's is of the own team.
 *
 * @throws AppError "forbidden" without the permission of the report's kind; "invalid_input" that names the field.
 */
export async function requestReport(context: ServiceContext, input: unknown): Promise<ReportView> {
  await authorise(context, "reports:read", "reports");
  const parameters = await resolveParameters(context, input);
  await authorise(context, PERMISSION_OF_KIND[parameters.kind], `report ${parameters.kind}`);
  if (parameters.trail !== null) await refuseTooMany(context, parameters.trail);
  const { actor } = context;
  return context.database.transact(async (transaction) => {
    const { sql } = transaction;
    const { rows } = await sql.query<{ id: string }>(
      `INSERT INTO report (id, kind, parameters, requested_by, requested_as, requested_at, state)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, 'queued') RETURNING id`,
      [
        parameters.kind,
        JSON.stringify(parameters),
        actor.id,
        JSON.stringify({ name: actor.name, role: actor.role, teamKey: actor.teamKey }),
        context.now,
      ],
    );
    const reportId = String(rows[0]?.id);
    await enqueue(transaction, "make-report", { reportId, logicalTime: context.now.toISOString() });
    await recordActivity(sql, {
      at: context.now,
      actor,
      action: "report.requested",
      subject: `${parameters.kind} ${reportId}`,
      after: parameters,
    });
    return toReportView(await loadReport(sql, reportId, actor));
  });
}
