import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";

/**
 * How many evaluations there are of each kind. One evaluation is one rule on one resource. The six are disjoint: their sum is the whole
 * population, so that nothing is counted as good by not being counted.
 */
export type PostureCounts = {
  pass: number;
  /** Failed, and nobody has accepted the risk. */
  fail: number;
  /** Failed, and the risk is accepted. */
  waived: number;
  unknown: number;
  notApplicable: number;
  /** Last known of a part of a source that was not looked at in time: whatever it was, it is not known to be so any more. */
  notEvaluated: number;
};

export const POSTURE_COLUMNS = ["team", "account", "cluster", "unit"] as const;
export type PostureColumn = (typeof POSTURE_COLUMNS)[number];

/** Narrows the population; an empty list narrows nothing. "" in `teams` is what nobody owns. */
export type PostureFilters = {
  teams: readonly string[];
  /** Keys of business units, as they stand on the asked day. */
  units: readonly string[];
  accounts: readonly string[];
  clusters: readonly string[];
  environments: readonly string[];
  /** Rule keys as they are reported. */
  rules: readonly string[];
  /** Ids of controls of the framework. */
  controls: readonly string[];
};

export const NO_POSTURE_FILTERS: PostureFilters = {
  teams: [],
  units: [],
  accounts: [],
  clusters: [],
  environments: [],
  rules: [],
  controls: [],
};

export type PostureQuery = {
  frameworkId: string;
  columnsBy: PostureColumn;
  /** Null = now. */
  asOf: Date | null;
  filters: PostureFilters;
  /** Days of the trend that end at the instant; 0 = no trend. At most MOST_TREND_DAYS. */
  trendDays: number;
};

export const MOST_TREND_DAYS = 400;

export type PostureColumnView = { key: string; label: string; total: PostureCounts };

export type PostureControlView = {
  id: string;
  title: string;
  group: string;
  severity: Severity | null;
  /** What remains to be shown by hand; null where the rules cover it. */
  manual: string | null;
  /** Rules that speak for it and have been reported by a source up to the instant. */
  rules: string[];
  /** True where no rule that was reported speaks for it: neither met nor failed. */
  isWithoutRules: boolean;
  /** Pieces of evidence by hand that are valid at the instant. */
  manualEvidence: number;
  /** In the order of the columns; null = there is nothing to evaluate. */
  cells: (PostureCounts | null)[];
  total: PostureCounts;
};

/** Numbers at the end of a UTC day, or at the asked instant for the last. */
export type PostureTrendPoint = { day: string; counts: PostureCounts };

/** What has more failures (waived ones included) than seven days before. */
export type PostureWorsening = {
  controlId: string;
  ruleKey: string;
  columnKey: string;
  columnLabel: string;
  failedBefore: number;
  failedNow: number;
};

/** A part of a source that nobody looked at in time. */
export type PostureGap = {
  sourceKey: string;
  part: string;
  /** Until when the last good look speaks; null where there has been none. */
  since: string | null;
  /** Null = it goes on. */
  until: string | null;
  /** What the newest failed look said; null where there was none. */
  reason: string | null;
};

export type PostureView = {
  framework: { id: string; name: string; version: string; publisher: string };
  /** ISO instant that the numbers are of. */
  at: string;
  columnsBy: PostureColumn;
  columns: PostureColumnView[];
  controls: PostureControlView[];
  /** Each evaluation once, though several controls may name its rule. */
  total: PostureCounts;
  trend: PostureTrendPoint[];
  worse: PostureWorsening[];
  gaps: PostureGap[];
  /** The newest good look at any part; null where nobody has looked. */
  lastLook: string | null;
};

/** One stretch of time in which a rule said the same of a resource; over a period, a piece of one, cut where a gap or an accepted risk begins or ends. */
export type EvaluationRow = {
  evaluationId: string;
  sourceKey: string;
  part: string;
  ruleKey: string;
  ruleTitle: string;
  severity: Severity | null;
  /** Ids of the framework's controls that the rule speaks for; empty where no framework was asked for. */
  controls: string[];
  resource: ResourceName;
  /** "" = nobody. */
  teamKey: string;
  environment: string;
  verdict: Verdict;
  note: string | null;
  /** ISO; clipped to the asked period. */
  from: string;
  /** ISO, exclusive; null = it still is so at the asked instant. */
  to: string | null;
  /** Since when the verdict has been the same, over changes of owner and evidence. */
  heldFrom: string;
  recordedAt: string;
  /** Set where the verdict is fail and the risk was accepted: at the instant, or over a period for all of the row's time. */
  waiver: { id: number; reason: string; endsAt: string } | null;
  /** SHA-256 in hex; read it with readEvidence. */
  evidenceHash: string | null;
  /** True where the instant, or over a period all of the row's time, lies in a gap of its part. */
  isGap: boolean;
};

export type ResourceName = {
  id: number;
  kind: string;
  key: string;
  name: string;
  accountId: string | null;
  region: string | null;
  clusterKey: string | null;
  namespaceUid: string | null;
};

export type RuleDescription = {
  sourceKey: string;
  part: string;
  title: string;
  description: string | null;
  severity: Severity | null;
  remedy: string | null;
  details: unknown;
};

export type RuleView = {
  ruleKey: string;
  at: string;
  /** As every part describes it, the same description once. */
  descriptions: RuleDescription[];
  counts: PostureCounts;
  rows: EvaluationRow[];
  /** Rows that there are; `rows` is one page of them. */
  total: number;
  offset: number;
  limit: number;
  gaps: PostureGap[];
};

export type RuleQuery = {
  ruleKey: string;
  asOf: Date | null;
  filters: PostureFilters;
  verdicts: readonly Verdict[];
  offset: number;
  limit: number;
};

export const MOST_RULE_ROWS = 500;

/** What every rule has said of one resource, the newest stretch first. */
export type ResourceView = {
  resource: ResourceName;
  /** ISO instant; what was learnt later is left out. */
  at: string;
  rules: {
    ruleKey: string;
    title: string;
    severity: Severity | null;
    now: EvaluationRow | null;
    stretches: EvaluationRow[];
  }[];
  gaps: PostureGap[];
  /** True where it has more stretches than are shown. */
  isCut: boolean;
};

/** What a source answered, and its hash for whoever wants to check. */
export type EvidenceView = { hash: string; content: unknown };

/** The population that a report, a list or a sample is about: at an instant (`period` null), or over a period. */
export type PopulationQuery = {
  /** Null = every rule, whatever framework names it. */
  frameworkId: string | null;
  /** As of. Null = now. A period is answered by what was known at its end, and ends at this instant where it would end later. */
  asOf: Date | null;
  period: { from: Date; to: Date } | null;
  filters: PostureFilters;
  verdicts: readonly Verdict[];
};

export type SampleQuery = PopulationQuery & { size: number; seed: string };

export const MOST_SAMPLE_ROWS = 1_000;

export type SampleView = {
  /** ISO instant whose knowledge counts: with it as `asOf` the same question draws the same rows later. */
  at: string;
  /** ISO beginning of the period that ends at `at`; null = at an instant. */
  from: string | null;
  /** As many as were asked for; a smaller population has fewer. */
  size: number;
  seed: string;
  /** In one sentence, so that somebody else can draw the same. */
  method: string;
  /** Stretches of time that there are, and that were drawn. */
  population: number;
  drawn: number;
  /** `place` counts from 0 in the order of the population; pieces of one stretch have the same. */
  rows: (EvaluationRow & { place: number })[];
};

/** Open failures of one team and severity by age; a waived failure has no due date. */
export type AgeingRow = {
  teamKey: string;
  teamLabel: string;
  severity: Severity | null;
  open: number;
  waived: number;
  /** Past the day on which they had to be resolved. */
  overdue: number;
  /** Due within the next seven days. */
  dueSoon: number;
  /** ISO; null where all are waived or no day is set for the severity. */
  nextDue: string | null;
  /** Open ones by days since they failed: fewer than 7, 30, 90, and more. */
  byAge: { under7: number; under30: number; under90: number; over90: number };
  oldestFrom: string | null;
};

export type AgeingView = {
  at: string;
  /** Days that a failure of each severity may take; null = no due date. */
  dueDays: Record<Severity, number | null>;
  rows: AgeingRow[];
  /** Ids of the failures that matter most first: overdue by severity, then by due date. At most MOST_DUE_ROWS. */
  due: (EvaluationRow & { dueAt: string | null })[];
};

export const MOST_DUE_ROWS = 100;

export type AgeingQuery = { frameworkId: string | null; asOf: Date | null; filters: PostureFilters };
