import type { Framework } from "#lib/domain/posture/framework.ts";
import type { ContentRow, ItemWriter, SummaryTable } from "#lib/reports/bundle/report-content.ts";
import { TableWriter } from "#lib/reports/bundle/table-writer.ts";
import type { ReportTable } from "#lib/reports/table.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { answerPeriod, type PeriodAnswers } from "#lib/services/posture/answer-period.ts";
import type { ControlPeriod } from "#lib/services/posture/posture-period-view.ts";
import { NO_POSTURE_FILTERS } from "#lib/services/posture/posture-view.ts";
import { teamsOf } from "#lib/services/report-contents/cluster-knowledge.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";

const HOUR_MS = 3_600_000;
const TITLE = "Compliant all the time?";

/** What the controls of a report over a period were over it: the table for the readable report, and the same as data files, there by team too. */
export type PeriodTable = ItemWriter<unknown> & {
  summary: SummaryTable;
  /** Controls of which no failure is known, but not all of the time either. */
  notKnown: ReadonlySet<string>;
};

const ANSWERS: Record<ControlPeriod["answer"], string> = {
  "all-the-time": "yes",
  failed: "no",
  "not-known": "not known",
  "not-evaluated": "not evaluated",
};

type Row = ControlPeriod & { teamKey: string | null };

const COLUMNS: [string, "text" | "count" | "amount", (row: Row) => string | null][] = [
  ["Control", "text", ({ id }) => id],
  ["Title", "text", ({ title }) => title],
  ["Owner", "text", ({ teamKey }) => (teamKey === null ? "(all)" : teamKey || "(nobody)")],
  [TITLE, "text", ({ answer }) => ANSWERS[answer]],
  ["Days failed", "count", (row) => countOf(row, row.failedDays)],
  ["Days not known", "count", (row) => countOf(row, row.unknownDays)],
  ["Longest failure in hours", "amount", (row) => (row.rules.length === 0 ? null : hoursOf(row.longestMs))],
  ["Checks", "count", (row) => countOf(row, row.resources.all)],
  ["Checks that failed", "count", (row) => countOf(row, row.resources.failed)],
  ["Checks not known", "count", (row) => countOf(row, row.resources.notKnown)],
  ["By hand", "text", ({ manual }) => (manual === null ? "" : "yes")],
];

/**
 * Reads what each control was over the report's period, and writes it as "data/control-periods" in the report's formats: each control of
 * everything that was asked for, then of each team that had anything evaluated. The readable report has the teams where it was asked of some.
 */
export async function openPeriodTable(
  folder: string,
  context: ServiceContext,
  {
    framework,
    parameters,
  }: { framework: Framework; parameters: ReportParameters & { period: { from: string; to: string } } },
): Promise<PeriodTable> {
  const { period, filters, formats } = parameters;
  const asked = {
    framework,
    from: new Date(period.from),
    to: new Date(period.to),
    filters: { ...NO_POSTURE_FILTERS, ...filters },
  };
  const whole = (await answerPeriod(context, { ...asked, isByTeam: false })).flatMap(rowsOf);
  const byTeam = (await answerPeriod(context, { ...asked, isByTeam: true }))
    .flatMap(rowsOf)
    .filter(({ answer }) => answer !== "not-evaluated");
  const columns: ReportTable["columns"] = COLUMNS.map(([name, type]) => ({ name, type }));
  const isOfTeams = teamsOf(parameters) !== null;
  return {
    summary: {
      title: TITLE,
      head: columns.map(({ name }) => name),
      rows: (isOfTeams ? [...whole, ...byTeam] : whole).map((row) => toCells(row).map((cell) => cell ?? "")),
    },
    notKnown: new Set(whole.filter(({ answer }) => answer === "not-known").map(({ id }) => id)),
    push: () => Promise.resolve(),
    end: async () => {
      const table = { folder, tableName: "control-periods", columns, totals: [], countBy: [], isLog: false, formats };
      const writer = await TableWriter.open(table);
      await writer.write([...whole, ...byTeam].map(toCells));
      const about: [string, string][] = [
        ["Period", `${period.from} up to and without ${period.to}`],
        ["Method", PERIOD_METHOD],
      ];
      return (await writer.end(() => about)).files;
    },
  };
}

/** How the answers come to be. */
export const PERIOD_METHOD =
  "Whether a control was met all the time is answered by time and not by rows. A UTC day on which anything failed for any time, waived or not, is a day that failed; one on which anything was unknown or not looked at in time is not known. So is the time before a part of a source was first looked at, but for what that look brought of it.";

function rowsOf({ teamKey, controls }: PeriodAnswers): Row[] {
  return controls.map((control) => ({ ...control, teamKey }));
}

function toCells(row: Row): ContentRow {
  return COLUMNS.map(([, , cell]) => cell(row));
}

/** Nothing is counted where no rule was evaluated. */
function countOf({ rules }: Row, count: number): string | null {
  return rules.length === 0 ? null : String(count);
}

function hoursOf(milliseconds: number): string {
  return String(Math.round((milliseconds / HOUR_MS) * 100) / 100);
}
