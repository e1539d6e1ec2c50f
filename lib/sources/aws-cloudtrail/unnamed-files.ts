import type { TrailCursor } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { finding } from "#lib/sources/finding.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

const DAY_MS = 24 * 3_600_000;

/**
 * True where the digests of a file's time, and of a day after it, are there and believed: one that they do not name is not CloudTrail's. A digest names
 * what was delivered in its time; what stands in a file's name is that minute or one some minutes before, never one after it. CloudTrail writes no
 * name without a time; such a one is judged a day after its folder's.
 */
export function isOverdue({ covered }: Pick<TrailCursor, "covered">, name: string): boolean {
  const at = timeIn(name);
  if (at !== null) return covered.some(({ from, to }) => Date.parse(from) <= at && Date.parse(to) >= at + DAY_MS);
  const day = Date.parse(/^(\d{4}\/\d{2}\/\d{2})\//.exec(name)?.[1]?.replaceAll("/", "-") ?? "1970-01-01");
  return covered.some(({ to }) => Date.parse(to) >= day + 2 * DAY_MS);
}

/** Files that were taken while their digest was still to come, and that it did not name when it came. */
export function tellUnnamed(cursor: TrailCursor, prefix: string): SourceFinding[] {
  const findings: SourceFinding[] = [];
  for (const [name, file] of Object.entries(cursor.files)) {
    if (file.standing !== "open" || !isOverdue(cursor, name)) continue;
    cursor.files[name] = { ...file, standing: "told" };
    findings.push(finding("file_unnamed", prefix + name));
  }
  return findings;
}

/** Of "2026/03/01/111122223333_CloudTrail_eu-central-1_20260301T1005Z_….json.gz". */
function timeIn(name: string): number | null {
  const found = /_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_[^/]*$/.exec(name);
  if (!found) return null;
  const [, year, month, day, hour, minute] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  return Number.isFinite(at) ? at : null;
}
