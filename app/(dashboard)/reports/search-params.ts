import type { ReportKind } from "#lib/services/reports/report-view.ts";
import { FORM_KINDS } from "#app/(dashboard)/reports/report-words.ts";

/** What the form begins with, so that other pages can link to a report of what they show. */
export type ReportsParams = {
  kind: ReportKind;
  asOf: string | null;
  frameworkId: string | null;
  from: string | null;
  to: string | null;
  /** Keys of the teams that it is narrowed to; none = all. */
  teams: string[];
};

export function parseReportsParams(raw: Record<string, string | string[] | undefined>): ReportsParams {
  const one = (name: string) => {
    const value = raw[name];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const asOf = one("asOf");
  const day = (name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(one(name) ?? "") ? one(name) : null);
  return {
    kind: FORM_KINDS.find((kind) => kind === one("kind")) ?? "compliance",
    asOf: asOf === null || Number.isNaN(Date.parse(asOf)) ? null : new Date(asOf).toISOString(),
    frameworkId: one("framework"),
    from: day("from"),
    to: day("to"),
    teams: [raw["team"] ?? []].flat().filter((key) => key !== ""),
  };
}
