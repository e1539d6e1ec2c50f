import type { AppErrorJson } from "#lib/errors.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";

export const REPORT_KINDS = ["compliance", "namespaces", "access", "allocation", "changes", "trail"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export const REPORT_FORMATS = ["csv", "jsonl", "xlsx", "pdf", "oscal", "ocsf"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Formats that only compliance has. */
export const COMPLIANCE_FORMATS: readonly ReportFormat[] = ["oscal", "ocsf"];

/** What a report is of. Every instant is fixed, so that the same parameters are the same report for ever. */
export type ReportParameters = {
  kind: ReportKind;
  formats: ReportFormat[];
  /** ISO. What was known at this instant. */
  asOf: string;
  /** Half-open, ISO; null where the kind, or the question, is of one instant. */
  period: { from: string; to: string } | null;
  /** Of compliance. */
  frameworkId: string | null;
  /** Empty lists narrow nothing. "" in `teams` = nobody's. */
  filters: { teams: string[]; accounts: string[]; clusters: string[]; environments: string[]; controls: string[] };
  /** The last entry that counts, of the activity log for changes and of the trail for a search of it; null for other kinds. Entries are only added. */
  throughEntry: string | null;
  /** What a report of the trail looks for; null for other kinds. */
  trail: TrailSearch | null;
  /** The team that the asker's role sees; null = everything. */
  onlyTeam: string | null;
};

export type ReportState = "queued" | "running" | "ready" | "failed";

export type ReportView = {
  id: string;
  kind: ReportKind;
  title: string;
  parameters: ReportParameters;
  requestedBy: string;
  requestedAt: string;
  state: ReportState;
  /** What it is at; null before it begins and after it ends. `total` null = not known beforehand. */
  progress: { step: "data" | "evidence" | "report" | "bundle"; done: number; total: number | null } | null;
  /** Of the bundle, in hex; null until it is ready. */
  sha256: string | null;
  /** Bytes; null until it is ready. */
  size: number | null;
  rows: number | null;
  error: AppErrorJson | null;
  finishedAt: string | null;
};

export type ReportPage = { rows: ReportView[]; /** True where there are older ones. */ hasMore: boolean };

/** What a report would hold, before it is made. */
export type ReportPreview = {
  title: string;
  columns: { name: string; type: "text" | "amount" | "count" }[];
  /** The first page. */
  rows: (string | null)[][];
  /** How many there are; `isAtLeast` where counting was ended at a bound. */
  count: number;
  isAtLeast: boolean;
  scope: [string, string][];
  gaps: { source: string; part: string; from: string | null; to: string | null; reason: string | null }[];
  controlTotals: { name: string; total: string; expected: string; difference: string }[];
};

export type SigningKeyView = { keyid: string; algorithm: "Ed25519"; publicKey: string };
