import type { Spans } from "#lib/domain/posture/spans.ts";
import type { PostureFilters } from "#lib/services/posture/posture-view.ts";

export type PosturePeriodQuery = {
  frameworkId: string;
  from: Date;
  /** Exclusive. What had not happened by now is left out. */
  to: Date;
  /** Cuts the period short; null = now does. What counts is what was known at its end. */
  asOf: Date | null;
  filters: PostureFilters;
};

/** What a control was over a period. Spans in milliseconds, inside of the period. */
export type ControlPeriod = {
  id: string;
  title: string;
  group: string;
  manual: string | null;
  /** Rules that were evaluated in the period. */
  rules: string[];
  /** "all-the-time": no failure, nothing unknown, looked at throughout. "not-known": no failure is known, but not all is. */
  answer: "all-the-time" | "failed" | "not-known" | "not-evaluated";
  /** UTC days on which something failed, waived or not. */
  failedDays: number;
  /** UTC days on which something was unknown, or not looked at in time or not yet. */
  unknownDays: number;
  failed: Spans;
  unknown: Spans;
  /** Longest stretch in which something failed, in milliseconds. */
  longestMs: number;
  resources: { all: number; failed: number; notKnown: number };
};

export type PosturePeriodView = {
  framework: { id: string; name: string; version: string };
  from: string;
  /** Exclusive, and the instant whose knowledge answers. */
  to: string;
  days: number;
  controls: ControlPeriod[];
};
