import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";

/** What a check says of one thing. `note` is a whole sentence that stays the same until something changes: dates, never ages. */
export type Judgement = {
  verdict: Verdict;
  note: string;
  /** What the verdict rests on, where the note cannot hold it all: names and dates, never a value of somebody's configuration. */
  found?: readonly Readonly<Record<string, string | number | boolean | null>>[];
};

/** Every word about a check that a person reads; it stands in the check's metadata.json. `controls` are ideas, not a framework's own numbers. */
export type PolicyMetadata = { title: string; risk: string; severity: Severity; remedy: string; controls: string[] };

/** When a check is made and against which thresholds. */
export type PolicyContext<Settings> = { now: Date; settings: Settings };

/** One check: pure, and never surer than its facts. A fact that is null was not read, and the verdict is then "unknown". */
export type Policy<Facts, Settings> = {
  id: string;
  metadata: PolicyMetadata;
  judge(facts: Facts, context: PolicyContext<Settings>): Judgement;
};

type Found = Judgement["found"];

export function passes(note: string): Judgement {
  return { verdict: "pass", note };
}

export function fails(note: string, found?: Found): Judgement {
  return { verdict: "fail", note, ...(found === undefined ? {} : { found }) };
}

export function unknown(note: string, found?: Found): Judgement {
  return { verdict: "unknown", note, ...(found === undefined ? {} : { found }) };
}

export function notApplicable(note: string): Judgement {
  return { verdict: "not_applicable", note };
}

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** Takes over what a metadata.json says. @throws TypeError where its severity is none. */
export function metadataOf(read: Omit<PolicyMetadata, "severity"> & { severity: string }): PolicyMetadata {
  const severity = SEVERITIES.find((known) => known === read.severity);
  if (severity === undefined) throw new TypeError(`"${read.severity}" is no severity.`);
  return { ...read, severity };
}
