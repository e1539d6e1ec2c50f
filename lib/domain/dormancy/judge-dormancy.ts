import { SIGN_NAMES, SIGNS, type SignEvidence, type SignName, type TimeRange } from "#lib/domain/dormancy/sign.ts";
import { findVetoes, PROTECTED_NAMES, type NamespaceFacts, type Veto } from "#lib/domain/dormancy/veto.ts";

/**
 * - "used": something in it did something within the window.
 * - "unused": every sign was observed over the whole window and none showed use, and nothing speaks against it.
 * - "asleep": as quiet, but a veto speaks against it; where `holdsData` is true, it holds data.
 * - "unknown": not enough was observed. Never to be taken for unused.
 */
export type DormancyVerdict = "used" | "unused" | "unknown" | "asleep";

export type DormancyOptions = {
  /** ISO instant in UTC that the verdict is for; the window ends here. */
  at: string;
  windowDays?: number;
  /** Hours of the window that a sign may have missed. */
  mostGapHours?: number;
  /** Patterns of names, `*` for any characters. */
  protectedNames?: readonly string[];
  protectedLabels?: readonly { key: string; value?: string }[];
};

/** Signs that are missing count as unknown. */
export type DormancyEvidence = { signs: Partial<Record<SignName, SignEvidence>>; facts: NamespaceFacts };

export type SignReading = {
  sign: SignName;
  /** "quiet": no use in the whole window. "skipped": nobody has configured what would tell, and it is not needed here. */
  reading: "shows-use" | "quiet" | "unknown" | "skipped";
  lastUse: string | null;
  reason: string;
  /** What would make it known; null where it is. */
  wouldTell: string | null;
};

export type DormancyJudgement = {
  verdict: DormancyVerdict;
  holdsData: boolean;
  signs: SignReading[];
  vetoes: Veto[];
  /** Since when it has been quiet, as far as we have looked; null unless it is unused or asleep. */
  since: string | null;
  reasons: string[];
  wouldChange: string[];
};

const WINDOW_DAYS = 30;
const MOST_GAP_HOURS = 24;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Settled = Required<DormancyOptions> & { from: number; to: number };

/**
 * Whether a namespace is used, by evidence. Pure; the signs are in SIGNS, the vetoes in findVetoes.
 *
 * 1. An activity within the window makes it used, whatever else is unknown.
 * 2. Anything that had to be observed and was not, not long enough or not without gaps makes it unknown. Denied is unknown.
 * 3. Where something is present (pods, replicas, endpoints), it is idle only if CPU and traffic were both observed and quiet.
 * 4. What is quiet then is unused, or asleep where a veto speaks against it.
 *
 * More evidence of use never makes anything unused, and neither does less observation.
 */
export function judgeDormancy({ signs, facts }: DormancyEvidence, options: DormancyOptions): DormancyJudgement {
  const settled = settle(options);
  const { vetoes, unknown: unknownFacts } = findVetoes(facts, settled);
  const isPresent = SIGN_NAMES.some((sign) => SIGNS[sign].kind === "presence" && showsUse(signs[sign], settled));
  const readings = SIGN_NAMES.map((sign) => readSign(sign, signs[sign], isPresent, settled));
  const holdsData = vetoes.some(({ kind }) => kind === "holds-data");
  const judged = { holdsData, signs: readings, vetoes };

  const active = readings.filter(({ sign, reading }) => reading === "shows-use" && SIGNS[sign].kind === "activity");
  if (active.length > 0) {
    const last = newest(active.flatMap(({ lastUse }) => lastUse ?? []));
    const lastMs = last === null ? Number.NaN : Date.parse(last);
    const wouldChange = Number.isNaN(lastMs)
      ? []
      : [`No further use until ${instant(lastMs + settled.windowDays * DAY_MS)}.`];
    return { ...judged, verdict: "used", since: null, reasons: active.map(({ reason }) => reason), wouldChange };
  }

  const unknown = readings.filter(({ reading }) => reading === "unknown");
  if (unknown.length + unknownFacts.length > 0)
    return {
      ...judged,
      verdict: "unknown",
      since: null,
      reasons: [...unknown.map(({ reason }) => reason), ...unknownFacts],
      wouldChange: [
        ...unknown.flatMap(({ wouldTell }) => wouldTell ?? []),
        ...(unknownFacts.length > 0 ? ["Permission to read what could not be read."] : []),
      ],
    };

  const quiet = readings.filter(({ reading }) => reading === "quiet" || reading === "shows-use");
  const reasons = quiet.map(({ reason }) => reason);
  const since = quietSince(quiet, signs, settled);
  if (vetoes.length === 0)
    return {
      ...judged,
      verdict: "unused",
      since,
      reasons,
      wouldChange: ["Any use of it, a protecting label, or an exemption."],
    };
  return {
    ...judged,
    verdict: "asleep",
    since,
    reasons: [...vetoes.map(({ reason }) => reason), ...reasons],
    wouldChange: vetoes.map(({ wouldChange }) => wouldChange),
  };
}

function settle(options: DormancyOptions): Settled {
  const { at, windowDays = WINDOW_DAYS, mostGapHours = MOST_GAP_HOURS } = options;
  const { protectedNames = PROTECTED_NAMES, protectedLabels = [] } = options;
  const to = Date.parse(at);
  return { at, windowDays, mostGapHours, protectedNames, protectedLabels, from: to - windowDays * DAY_MS, to };
}

function showsUse(evidence: SignEvidence | undefined, { from }: Settled): boolean {
  // What is no instant must not look like an old one.
  return evidence?.state === "observed" && evidence.lastUse !== null && !(Date.parse(evidence.lastUse) < from);
}

function readSign(
  sign: SignName,
  evidence: SignEvidence | undefined,
  isPresent: boolean,
  settled: Settled,
): SignReading {
  const meaning = SIGNS[sign];
  const unknown = (reason: string, wouldTell: string): SignReading => ({
    sign,
    reading: "unknown",
    lastUse: null,
    reason,
    wouldTell,
  });
  if (evidence === undefined || evidence.state === "unknown") {
    const detail = evidence === undefined ? "nothing was read" : evidence.detail;
    return unknown(`It is not known from ${meaning.readFrom}: ${detail}`, `Permission to read ${meaning.readFrom}.`);
  }
  if (evidence.state === "told-nothing")
    return { sign, reading: "skipped", lastUse: null, reason: evidence.detail, wouldTell: null };
  if (evidence.state === "not-collected") {
    const needed = meaning.required || (isPresent && (sign === "cpu" || sign === "traffic"));
    const reason = `Nothing collects ${meaning.readFrom}: ${evidence.detail}`;
    if (needed) return unknown(reason, `A source of ${meaning.readFrom}.`);
    return { sign, reading: "skipped", lastUse: null, reason, wouldTell: null };
  }

  const { lastUse, detail } = evidence;
  const because = detail === "" ? "" : ` (${detail})`;
  const showing = showsUse(evidence, settled);
  const shown = `${meaning.shows}${because}, last at ${lastUse}.`;
  if (showing && meaning.kind === "activity")
    return { sign, reading: "shows-use", lastUse, reason: shown, wouldTell: null };
  // Presence is no use, so that what was seen of it must not stand for a window that was not observed.
  const short = shortfall(evidence, settled);
  if (short !== null) {
    const seen = showing ? meaning.shows : meaning.quiet;
    return unknown(`${seen}${because}, but ${short.reason}.`, short.wouldTell);
  }
  if (showing) return { sign, reading: "shows-use", lastUse, reason: shown, wouldTell: null };
  const reason = `${meaning.quiet}${because} in ${settled.windowDays} days.`;
  return { sign, reading: "quiet", lastUse, reason, wouldTell: null };
}

/** Why an observation does not cover the window; null where it does. */
function shortfall(
  { observedFrom, gaps }: { observedFrom: string; gaps: readonly TimeRange[] },
  { from, to, windowDays, mostGapHours }: Settled,
): { reason: string; wouldTell: string } | null {
  const start = Date.parse(observedFrom);
  if (!(start <= from)) {
    const complete = Number.isNaN(start) ? "" : ` It is complete at ${instant(start + windowDays * DAY_MS)}.`;
    return {
      reason: `it has been observed since ${observedFrom} only`,
      wouldTell: `Observation of the whole window.${complete}`,
    };
  }
  const missed = missedMs(gaps, from, to) / HOUR_MS;
  if (missed <= mostGapHours) return null;
  return {
    reason: `${Math.round(missed)} hours of the window were not observed`,
    wouldTell: `Observation without gaps of more than ${mostGapHours} hours in ${windowDays} days.`,
  };
}

/** The time of the window that gaps cover; where they overlap, it counts once. */
function missedMs(gaps: readonly TimeRange[], from: number, to: number): number {
  const ranges = gaps
    .map((gap) => [Math.max(from, Date.parse(gap.from)), Math.min(to, Date.parse(gap.to))] as const)
    .toSorted((a, b) => a[0] - b[0]);
  let missed = 0;
  let covered = from;
  for (const [start, end] of ranges) {
    missed += Math.max(0, end - Math.max(start, covered));
    covered = Math.max(covered, end);
  }
  return missed;
}

/** The newest use before the window, or else the instant since which every sign that counts has been observed. */
function quietSince(quiet: readonly SignReading[], signs: DormancyEvidence["signs"], settled: Settled): string | null {
  const uses = quiet.flatMap(({ sign, lastUse }) =>
    lastUse !== null && !showsUse(signs[sign], settled) ? [lastUse] : [],
  );
  const starts = quiet.flatMap(({ sign }) => {
    const evidence = signs[sign];
    return evidence?.state === "observed" ? [evidence.observedFrom] : [];
  });
  return newest(uses) ?? newest(starts);
}

function instant(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function newest(instants: readonly string[]): string | null {
  return instants.reduce<string | null>(
    (last, instant) => (last === null || Date.parse(instant) > Date.parse(last) ? instant : last),
    null,
  );
}
