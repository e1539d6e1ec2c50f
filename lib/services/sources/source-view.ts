import type { AppErrorJson } from "#lib/errors.ts";
import type { Amount, Amounts } from "#lib/domain/money.ts";
import type { Dataset } from "#lib/sources/source.ts";

export type RunState = "queued" | "running" | "succeeded" | "unchanged" | "failed" | "abandoned";

/** Per currency, as the source itself adds up before anything was computed. */
export type ControlTotals = Record<string, Amounts & { lineItems: number }>;

export type RunView = {
  id: string;
  kind: "pull" | "plan" | "reallocate" | "import";
  sourceKey: string | null;
  period: string | null;
  state: RunState;
  trigger: "schedule" | "person" | "command-line" | "rule-change";
  requestedBy: string;
  attempt: number;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  durationMs: number | null;
  progress: { step: string; done: number; total: number; unit: string } | null;
  counts: { files: number; lineItems: number; rollupRows: number; keys: number; bytes: number } | null;
  controlTotals: ControlTotals | null;
  /** What was asked of a vendor's API for it, over all attempts, and the price; null where nothing was. */
  asked: { requests: number; priceUsd: Amount } | null;
  error: AppErrorJson | null;
};

/** One square of a source's calendar. */
export type SliceView = {
  id: number | null;
  period: string;
  /** loaded; stale = the last pull failed and older figures are shown; missing = expected and not offered by the source (a hole); waiting = offered, not yet loaded. */
  state: "loaded" | "stale" | "missing" | "waiting";
  publishedAt: string | null;
  dataUntil: string | null;
  publications: number;
  totals: ControlTotals | null;
  lastRun: RunView | null;
};

export type FindingView = {
  period: string;
  file: string;
  code: string;
  column: string | null;
  message: string;
  count: number;
  firstRow: number | null;
  sample: string | null;
};

export type SourceView = {
  key: string;
  kind: string;
  title: string;
  dataset: Dataset;
  /** Where it reads from, for people: path or bucket and prefix. */
  location: string;
  schedule: string | null;
  removed: boolean;
  planError: AppErrorJson | null;
  plannedAt: string | null;
  /** Newest publication. */
  freshAt: string | null;
  slices: SliceView[];
  findings: FindingView[];
  runs: RunView[];
};

/** One version of a slice. */
export type PublicationView = {
  id: number;
  publishedAt: string;
  reason: "load" | "redelivery" | "reallocation";
  totals: ControlTotals;
  current: boolean;
  difference: { added: number; removed: number; changed: number; amounts: Record<string, Amounts> } | null;
};

/** What a publication changed against the one before: one row per team, service and account whose cost moved. */
export type DifferenceRow = {
  currency: string;
  team: string;
  serviceName: string;
  subAccountId: string;
  accountName: string;
  before: Amounts;
  after: Amounts;
};
