import { expect, test } from "vitest";
import { reportLabel } from "#app/(dashboard)/reports/report-words.ts";
import type { ReportParameters, ReportView } from "#lib/services/reports/report-view.ts";
import { TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";

const PARAMETERS: ReportParameters = {
  kind: "trail",
  formats: ["csv"],
  asOf: "2026-11-04T19:58:00.000Z",
  period: null,
  frameworkId: null,
  filters: { teams: [], accounts: [], clusters: [], environments: [], controls: [] },
  throughEntry: "99",
  trail: null,
  onlyTeam: null,
};
const reportOf = (title: string, change: Partial<ReportParameters>): ReportView => ({
  id: "1",
  kind: "trail",
  title,
  parameters: { ...PARAMETERS, ...change },
  requestedBy: "otto@example.com",
  requestedAt: "2026-11-04T19:58:00.000Z",
  state: "ready",
  progress: null,
  sha256: null,
  size: null,
  rows: null,
  error: null,
  finishedAt: null,
});
const searchOf = (search: object) => reportOf("Search of the audit trail", { trail: TRAIL_SEARCH.parse(search) });

test.each([
  ["what was searched for", searchOf({ action: "delete secrets", outcome: "denied" }), "delete secrets · denied"],
  ["that everything was searched for", searchOf({}), "everything"],
  ["the beginning of a long search", searchOf({ resource: "r".repeat(300) }), `${"r".repeat(80)}…`],
])("a search of the trail says among reports %s", (_what, report, words) => {
  expect(reportLabel(report)).toBe(`Report: Search of the audit trail, ${words}, made 19:58 UTC, 4 Nov 2026`);
});

test("a report of everything there is says only when it was made", () => {
  expect(reportLabel(reportOf("Access review", { kind: "access" }))).toBe(
    "Report: Access review, made 19:58 UTC, 4 Nov 2026",
  );
});
