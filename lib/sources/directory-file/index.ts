import { join } from "node:path";
import { AppError, toAppError } from "#lib/errors.ts";
import type { CheckResult, OfferedSlice, SourceFile } from "#lib/sources/source.ts";
import {
  PERSON_COLUMNS,
  TEAM_COLUMNS,
  toDirectory,
  type Directory,
  type RawRecord,
} from "#lib/sources/directory-file/directory.ts";
import { parseCsvRecords, parseYamlRecords } from "#lib/sources/directory-file/parse-records.ts";
import type { DirectoryFileSpec } from "#lib/sources/directory-file/spec.ts";
import { describeTextFile, readTextFile } from "#lib/sources/local-text-file.ts";

export type { Directory } from "#lib/sources/directory-file/directory.ts";

/** One slice, "all". people.csv may be absent. Throws AppError("invalid_config") where there is no directory at the path. */
export async function planDirectory(spec: DirectoryFileSpec): Promise<OfferedSlice[]> {
  const candidates = /\.ya?ml$/i.test(spec.path)
    ? [await describeTextFile(spec.path, "yaml")]
    : await Promise.all(["teams.csv", "people.csv"].map((name) => describeTextFile(join(spec.path, name), "csv")));
  const files = candidates.filter((file): file is SourceFile => file !== null);
  if (candidates[0] === null)
    throw new AppError("invalid_config", `There is no directory at ${spec.path}.`, {
      remedy: "Point the source's path at a folder with teams.csv and people.csv, or at one YAML file.",
      place: { file: spec.path },
    });
  return [{ period: "all", fingerprint: files.map((file) => `${file.name}:${file.version}`).join(" "), files }];
}

/** Teams with their history and people, checked. */
export async function readDirectory(slice: OfferedSlice): Promise<Directory> {
  const teams: RawRecord[] = [];
  const people: RawRecord[] = [];
  for (const file of slice.files) {
    const text = await readTextFile(file);
    if (file.format === "yaml") {
      const records = parseYamlRecords(text, file.name);
      teams.push(...records.teams);
      people.push(...records.people);
    } else if (file.name === "teams.csv") teams.push(...parseCsvRecords(text, file.name, TEAM_COLUMNS));
    else people.push(...parseCsvRecords(text, file.name, PERSON_COLUMNS));
  }
  return toDirectory(teams, people);
}

export async function checkDirectory(spec: DirectoryFileSpec): Promise<CheckResult[]> {
  const what = `Directory at ${spec.path}`;
  try {
    for (const slice of await planDirectory(spec)) await readDirectory(slice);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}
