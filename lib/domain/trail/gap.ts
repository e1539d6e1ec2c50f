import { formatInstant } from "#lib/domain/format.ts";

/** Whose events: an account's, a cluster's, or those of a source that tells of neither. */
export type GapPart = { kind: "account" | "cluster" | "source"; key: string };

/** One stretch in which something is not known, or nothing came. Half-open; `from` null: not known since when; `to` null: it goes on. */
export type Gap = {
  kind: "silence" | "file" | "unread";
  part: GapPart;
  from: Date | null;
  to: Date | null;
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
      return [{ kind: "silence" as const, part, from, to: readTo, sentence }];
    }
    const sentence =
      to === null
        ? `Since ${formatInstant(from)} nothing came from ${partWords(part)}; ${usual}.`
        : `Between ${formatInstant(from)} and ${formatInstant(to)} nothing came from ${partWords(part)}; ${usual}.`;
    return [{ kind: "silence" as const, part, from, to, sentence }];
  });
}

/** What a source said of a file, as far as it is about a gap. */
export type FileFinding = { file: string; code: string; message: string };

const FILE_GAPS = new Set([
  "file_missing",
  "file_changed",
  "file_unnamed",
  "file_unreadable",
  "digest_broken",
  "lookup_out_of_reach",
  "event_not_understood",
]);
/** CloudTrail collects about so long before it writes a file. */
const FILE_SPAN_MS = 15 * 60_000;
/** What a digest is about. */
const DIGEST_SPAN_MS = 60 * 60_000;
/** 111122223333_CloudTrail_eu-central-1_20261128T0215Z_… and the same of a digest. */
const LOG_FILE =
  /(\d{12})_CloudTrail(?:-Digest)?_([a-z0-9-]+?)_(?:.*_)?(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(?:\d{2})?Z/;

/** Files that are missing, changed or broken. A missing one that came after all is none, and what is doubled loses nothing. */
export function fileGapsOf(sourceKey: string, findings: readonly FileFinding[]): Gap[] {
  const came = new Set(findings.filter(({ code }) => code === "file_late").map(({ file }) => file));
  return findings
    .filter(({ code, file }) => FILE_GAPS.has(code) && !(code === "file_missing" && came.has(file)))
    .map(({ file, message }) => {
      const [, account, region, ...digits] = LOG_FILE.exec(file) ?? [];
      const name = file.split("/").at(-1) ?? file;
      if (account === undefined) {
        const part: GapPart = { kind: "source", key: sourceKey };
        return { kind: "file", part, from: null, to: null, sentence: `${message} It is ${name}.` };
      }
      const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = digits.map(Number);
      const to = new Date(Date.UTC(year, month - 1, day, hour, minute));
      const isDigest = name.includes("_CloudTrail-Digest_");
      const from = new Date(to.getTime() - (isDigest ? DIGEST_SPAN_MS : FILE_SPAN_MS));
      const sentence = `What account ${account} did in ${region} in about the ${isDigest ? "hour" : "quarter of an hour"} to ${formatInstant(to)} is not known for certain. ${message}`;
      return { kind: "file", part: { kind: "account", key: account }, from, to, sentence };
    });
}

/** That a source could not be read. @param since when it was read last; null = never. */
export function unreadGap(sourceKey: string, since: Date | null, reason: string): Gap {
  const part: GapPart = { kind: "source", key: sourceKey };
  const when = since === null ? "It could not be read yet" : `It could not be read since ${formatInstant(since)}`;
  return { kind: "unread", part, from: since, to: null, sentence: `${when}: ${reason}` };
}

function partWords({ kind, key }: GapPart): string {
  return kind === "source" ? `this source` : `${kind} ${key}`;
}

function lengthWords(seconds: number): string {
  if (seconds < 120) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
