import type { AppErrorJson } from "#lib/errors.ts";

/** What was published of the log, and where it is kept. Instants are ISO 8601 in UTC. */
export type HeadsView = {
  /** Entries that the log has now. */
  entries: number;
  /** The newest first. */
  heads: PublishedHeadView[];
  places: HeadPlaceView[];
  /** Null where heads get no time stamps. */
  stamps: StampsView | null;
  mayPublish: boolean;
};

export type PublishedHeadView = {
  size: number;
  root: string;
  at: string;
  keyId: string;
  stampedAt: string | null;
  /** Names of the places that have it. */
  places: string[];
};

export type HeadPlaceView = {
  /** "file" or "s3://bucket/prefix". */
  name: string;
  lock: { mode: "GOVERNANCE" | "COMPLIANCE"; days: number } | null;
  newest: { size: number; at: string; copiedAt: string } | null;
  /** Heads that are not there yet. */
  waiting: number;
  waitingSince: string | null;
  failure: { since: string; error: AppErrorJson } | null;
};

export type StampsView = {
  /** The authority. */
  url: string;
  newest: { size: number; stampedAt: string } | null;
  failure: { since: string; error: AppErrorJson } | null;
};

/** `size`: of the head that was published; null where nothing was new. */
export type HeadPublication = { size: number | null; failed: { place: string; error: AppErrorJson }[] };
