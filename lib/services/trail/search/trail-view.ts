import type { ActorKind, Outcome, VerbClass } from "#lib/domain/trail/trail-event.ts";
import type { ChangeWindow } from "#lib/domain/trail/change-window.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";

/** What is looked for: null = whatever. Texts are compared as they are written, words of `text` anywhere and in any case. */
export type TrailQuery = {
  text: string | null;
  actor: string | null;
  /** Mail of the person behind the actor. Several are separated by "|". */
  person: string | null;
  /** Several are separated by "|". */
  action: string | null;
  /** "change": whatever is no reading. */
  verbClass: VerbClass | "change" | null;
  outcome: Outcome | null;
  resource: string | null;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  sourceKey: string | null;
  /** Where it came from, as its trail writes it. */
  sourceAddress: string | null;
  /** Of sign-ins that tell. */
  mfa: "yes" | "no" | null;
  /** Outside of all of these windows, and by nobody who is a service; null = whenever. */
  outside: ChangeWindow[] | null;
  /** `[from, to)`. */
  from: Date | null;
  to: Date | null;
};

/** One event in a list. */
export type TrailEventView = {
  /** Place in the log. */
  seq: number;
  at: string;
  receivedAt: string;
  sourceKey: string;
  actor: string;
  actorKind: ActorKind;
  person: string | null;
  action: string;
  verbClass: VerbClass;
  resource: string;
  accountId: string | null;
  clusterKey: string | null;
  namespace: string | null;
  region: string | null;
  outcome: Outcome;
  sourceAddress: string | null;
  /** What became of its record; null = it has it. */
  forgotten: "dropped" | "pseudonymised" | null;
};

export type TrailPage = {
  /** Newest first. */
  rows: TrailEventView[];
  /** Pass as `before` for what comes after; null = everything was looked through. */
  next: TrailPlace | null;
};

/** Where a list goes on. */
export type TrailPlace = { at: string; seq: number };

/** One event with its record, and its place in the proof. */
export type TrailRecord = Omit<TrailEventView, "forgotten"> & {
  /** When and under which rule or order its record was taken away, by the entry of the log at `entry`; null = it has it, or nothing says why. */
  forgotten: { kind: "retention" | "pseudonym"; rule: string; at: string; entry: number } | null;
  /** The record as its trail wrote it, parsed; null once its retention ended. */
  record: unknown;
  /** Of a sign-in, by the record itself: whether a second factor was used; null = it does not tell, or is no sign-in. */
  mfa: "yes" | "no" | null;
  /** Whether its leaf in the log is what all that is shown here makes. Of what was forgotten only verifying the log can tell; true. */
  isAsLogged: boolean;
  /** Hash of its leaf in the log, in hex. */
  leaf: string | null;
};

/** What is missing from the trail, source by source. `[from, to)`. */
export type GapsView = { from: string; to: string; sources: SourceGaps[] };

export type SourceGaps = {
  key: string;
  title: string;
  /** "never": no event ever came. "empty": none of the range came, and nothing says why. "none": events came, and no gap was found. */
  state: "never" | "empty" | "none" | "gaps";
  /** When it was read to its end last; null = never, or it sends by itself. */
  readAt: string | null;
  /** "YYYY-MM-DD" of its newest event; null = none ever came. */
  lastDay: string | null;
  /** On the days of the range. */
  events: number;
  /** What goes on first, then the newest; at last those that are closed, of which `state` says nothing. */
  gaps: GapView[];
  /** More, which are not listed. */
  notListed: number;
};

/** See lib/domain/trail/gap.ts. */
export type GapView = {
  kind: "silence" | "file" | "unread";
  part: { kind: "account" | "cluster" | "source"; key: string };
  from: string | null;
  to: string | null;
  /** What was missing or changed has come after all. */
  isClosed: boolean;
  sentence: string;
};

/** People of the directory who have left, and those of them whom events name from that day on. */
export type LeaverAccess = {
  /** How many who left were looked at; `isCut`: those who left last. */
  left: number;
  isCut: boolean;
  /** `leftAt`: the first day ("YYYY-MM-DD") on which they were no longer there. */
  rows: { mail: string; name: string; leftAt: string; events: number }[];
};

/** A search that somebody keeps. */
export type SavedSearchView = {
  id: number;
  name: string;
  search: TrailSearch;
  isWatched: boolean;
  openedAt: string;
  /** Events that arrived since it was opened; null where it is not watched. `isAtLeast`: there are more than are counted. */
  news: { count: number; isAtLeast: boolean } | null;
};

/** How many events each of equal stretches of time has. `isCut`: only the newest were counted, for there are more than are gone through. */
export type TrailHistogram = { from: string; to: string; stepSeconds: number; counts: number[]; isCut: boolean };
