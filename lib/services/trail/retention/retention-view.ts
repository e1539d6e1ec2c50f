import type { KeepClass } from "#lib/domain/trail/retention.ts";

/** How long records are kept, what was dropped and what will be. Instants are ISO 8601 in UTC. */
export type RetentionView = {
  classes: RetentionClassView[];
  /** Those that hold now first. */
  holds: HoldView[];
  /** True where there are more than are listed. */
  isCut: boolean;
  /** The newest orders of pseudonyms. */
  pseudonyms: PseudonymOrderView[];
  mayHold: boolean;
  mayPseudonymise: boolean;
};

export type PseudonymOrderView = {
  order: string;
  /** When events got it last, or else when it was ordered. */
  at: string;
  /** Events that got it. */
  entries: number;
  /** What keeps the name until it is ordered again; null = nothing, or a newer order about the same person tells. */
  left: {
    /** It has not come to the end of the log. */
    isCutOff: boolean;
    /** Events were held. */
    hasHeld: boolean;
    /** Texts beside the log that kept the name; null = all. */
    texts: number | null;
    /** The holds that those wait for, and that still hold. */
    holds: number[];
  } | null;
};

export type RetentionClassView = {
  keepClass: KeepClass;
  /** "13 months"; null = for ever. */
  keep: string | null;
  /** Events that still have their record. */
  whole: number;
  /** "YYYY-MM-DD" of the oldest of them; null = there is none. */
  oldest: string | null;
  dropped: number;
  droppedAt: string | null;
  /** Whose time is over: they wait for the next run, or are held. */
  due: number;
  /** Whose time ends within the next 30 days. */
  dueSoon: number;
};

/** `isAtLeast`: there may be more than were counted. */
export type HeldCount = { count: number; isAtLeast: boolean };

export type HoldView = {
  id: number;
  reason: string;
  person: string | null;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  sourceKey: string | null;
  from: string | null;
  to: string | null;
  placedBy: string;
  placedAt: string;
  until: string | null;
  state: "holds" | "ended" | "lifted";
  liftedBy: string | null;
  liftedAt: string | null;
  liftReason: string | null;
  /** Events inside of it now; null where it holds no longer, or they were not counted. */
  events: HeldCount | null;
};
