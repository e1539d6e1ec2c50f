import { formatInstant } from "#lib/domain/format.ts";

/** Whose events: an account's, a cluster's, or those of a source that tells of neither. */
export type GapPart = { kind: "account" | "cluster" | "source"; key: string };

/** One stretch in which something is not known, or nothing came. Half-open; `from` null: not known since when; `to` null: it goes on. */
export type Gap = {
  kind: "silence" | "file" | "unread";
  part: GapPart;
  from: Date | null;
  to: Date | null;
  /** What was missing has come, or what was changed was put back, and was read: when, as far as that is known. Null: it is a gap still. */
  closed: { at: Date | null } | null;
  /** A whole sentence. */
  sentence: string;
};

/** A stretch between two events of one part, with how far its events usually are apart. */
export type Distance = {
  part: GapPart;
  from: Date;
  /** Null: nothing came after it. */
  to: Date | null;
  /** 95 of 100 distances between its events are not longer. */
  usualSeconds: number;
  /** Distances that this was learnt from. */
  learntFrom: number;
};

/** A pause of less is nobody's gap: trails are delivered every few minutes, and people have lunch. */
export const SHORTEST_GAP_SECONDS = 3_600;
/** So many times what is usual, a silence is told. */
const TIMES_USUAL = 6;
/** From fewer distances nothing is learnt of what is usual. */
const FEWEST_DISTANCES = 20;

/**
 * Silences that are unusual for whom they are about: at least an hour, and six times as long as 95 of 100 distances between events of the same
 * account or cluster. A part with fewer than 20 distances has no cadence that it could break.
 *
 * @param readTo until when its source was read: beyond it nothing is known, and nothing is told.
 * @param isOver whether that is where the time ends that was asked for, so that what began in it does not go on until now.
 */
export function silencesOf(distances: readonly Distance[], readTo: Date, isOver = false): Gap[] {
  return distances.flatMap(({ part, from, to, usualSeconds, learntFrom }) => {
    const seconds = ((to ?? readTo).getTime() - from.getTime()) / 1000;
    if (learntFrom < FEWEST_DISTANCES || seconds < Math.max(SHORTEST_GAP_SECONDS, TIMES_USUAL * usualSeconds))
      return [];
    const usual = `usually something comes within ${lengthWords(usualSeconds)}`;
    if (to === null && isOver) {
      const sentence = `From ${formatInstant(from)} to the end of this time, ${formatInstant(readTo)}, nothing came from ${partWords(part)}; ${usual}.`;
      return [{ kind: "silence" as const, part, from, to: readTo, closed: null, sentence }];
    }
    const sentence =
      to === null
        ? `Since ${formatInstant(from)} nothing came from ${partWords(part)}; ${usual}.`
        : `Between ${formatInstant(from)} and ${formatInstant(to)} nothing came from ${partWords(part)}; ${usual}.`;
    return [{ kind: "silence" as const, part, from, to, closed: null, sentence }];
  });
}

/** What a source said of a file, as far as it is about a gap. `foundAt`: null = before the time was kept. */
export type FileFinding = { file: string; code: string; message: string; foundAt: Date | null };

/** What makes a gap, and what closes it when it is said of the same file later. */
const FILE_GAPS = new Map<string, readonly string[]>([
  ["file_missing", ["file_late", "file_restored"]],
  ["file_changed", ["file_restored"]],
  ["file_deleted", ["file_restored"]],
  ["file_replaced", []],
  ["file_unnamed", ["file_named"]],
  ["file_unreadable", ["file_restored"]],
  ["digest_broken", ["digest_late", "digest_restored"]],
  ["lookup_out_of_reach", []],
  ["event_not_understood", []],
]);
/** CloudTrail collects about so long before it writes a file. */
const FILE_SPAN_MS = 15 * 60_000;
/** What a digest is about. */
const DIGEST_SPAN_MS = 60 * 60_000;
/** 111122223333_CloudTrail_eu-central-1_20261128T0215Z_… and the same of a digest. */
const LOG_FILE =
  /(\d{12})_CloudTrail(?:-Digest)?_([a-z0-9-]+?)_(?:.*_)?(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(?:\d{2})?Z/;

/** After which of what is said of a file a code is news again, although it was told before. */
export function turnsOf(code: string): readonly string[] {
  return FILE_GAPS.get(code) ?? [...FILE_GAPS].flatMap(([gap, closers]) => (closers.includes(code) ? [gap] : []));
}

/**
 * Files that are missing, changed, broken or deleted; those that came or were put back after all say so. What is doubled loses nothing.
 *
 * @param findings in the order in which they were found.
 */
export function fileGapsOf(sourceKey: string, findings: readonly FileFinding[]): Gap[] {
  const byFile = Map.groupBy(findings, ({ file }) => file);
  return findings
    .filter(({ code }) => FILE_GAPS.has(code))
    .map((found) => {
      const closer = closerOf(found, byFile.get(found.file) ?? []);
      const closed = closer && { at: closer.foundAt };
      const name = found.file.split("/").at(-1) ?? found.file;
      const told = closer ? `${found.message} ${closer.message}` : found.message;
      // A digest is named where it is said what is wrong with it.
      const message = told.includes(name) ? told : `${told} The file is ${name}.`;
      const place = placeOf(found.file);
      if (place === null) {
        const part: GapPart = { kind: "source", key: sourceKey };
        return { kind: "file", part, from: null, to: null, closed, sentence: message };
      }
      const { account, region, from, to, span } = place;
      const time = `What account ${account} did in ${region} in about the ${span} to ${formatInstant(to)}`;
      const until = closer?.foundAt ? ` until ${formatInstant(closer.foundAt)}` : "";
      const sentence = `${time} ${stateOf(found, closed !== null)}${until}. ${message}`;
      return { kind: "file", part: { kind: "account", key: account }, from, to, closed, sentence };
    });
}

/** Of what was read before somebody deleted it nothing is unknown; nobody can compare it any more. */
function stateOf({ code }: FileFinding, isOver: boolean): string {
  if (code === "file_deleted") return isOver ? "stood only here" : "stands only here";
  return isOver ? "was not known for certain" : "is not known for certain";
}

function closerOf(found: FileFinding, ofFile: readonly FileFinding[]): FileFinding | null {
  const closers = FILE_GAPS.get(found.code) ?? [];
  return ofFile.slice(ofFile.indexOf(found) + 1).find(({ code }) => closers.includes(code)) ?? null;
}

/** Whose time a file of CloudTrail is about; null for what is not named as its files are. */
function placeOf(file: string): { account: string; region: string; from: Date; to: Date; span: string } | null {
  const [, account, region = "", ...digits] = LOG_FILE.exec(file) ?? [];
  if (account === undefined) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = digits.map(Number);
  const to = new Date(Date.UTC(year, month - 1, day, hour, minute));
  const isDigest = file.includes("_CloudTrail-Digest_");
  const from = new Date(to.getTime() - (isDigest ? DIGEST_SPAN_MS : FILE_SPAN_MS));
  return { account, region, from, to, span: isDigest ? "hour" : "quarter of an hour" };
}

/** That a source could not be read. @param since when it was read last; null = never. */
export function unreadGap(sourceKey: string, since: Date | null, reason: string): Gap {
  const part: GapPart = { kind: "source", key: sourceKey };
  const when = since === null ? "It could not be read yet" : `It could not be read since ${formatInstant(since)}`;
  return { kind: "unread", part, from: since, to: null, closed: null, sentence: `${when}: ${reason}` };
}

function partWords({ kind, key }: GapPart): string {
  return kind === "source" ? `this source` : `${kind} ${key}`;
}

function lengthWords(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
