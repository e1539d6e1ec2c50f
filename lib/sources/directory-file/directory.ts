import { AppError, type ErrorPlace } from "#lib/errors.ts";
import { isRole, type DirectoryRole } from "#lib/sources/directory-file/role.ts";
import { day, type Day } from "#lib/domain/period.ts";

/** A team in one stretch of time without a change: [validFrom, validTo), null = open. */
export type DirectoryTeamRow = {
  teamKey: string;
  teamName: string;
  businessUnitKey: string;
  businessUnitName: string;
  costCentre: string;
  leadMail: string;
  aliases: string[];
  validFrom: Day | null;
  validTo: Day | null;
};

/** A person; mails in lower case, [activeFrom, activeTo). */
export type DirectoryPersonRow = {
  mail: string;
  name: string;
  teamKey: string;
  managerMail: string;
  role: DirectoryRole;
  activeFrom: Day | null;
  activeTo: Day | null;
};

/** What a directory holds. */
export type Directory = { teams: DirectoryTeamRow[]; people: DirectoryPersonRow[] };

/** A record as the file has it: text by column, with its place. */
export type RawRecord = { values: Record<string, string>; place: ErrorPlace };

export const TEAM_COLUMNS = [
  "team",
  "name",
  "business_unit",
  "business_unit_name",
  "cost_centre",
  "lead",
  "aliases",
  "valid_from",
  "valid_to",
];
export const PERSON_COLUMNS = ["mail", "name", "team", "manager", "role", "active_from", "active_to"];

/**
 * Checks the records and makes rows of them.
 * @throws AppError("bad_data") with file, line, column and value: a key that is not there, a bad date or role, stretches of a
 *   team or person that overlap, a person in a team that does not exist.
 */
export function toDirectory(rawTeams: readonly RawRecord[], rawPeople: readonly RawRecord[]): Directory {
  const teams = rawTeams.map((record) => ({ record, row: toTeam(record) }));
  refuseOverlaps(
    teams.map(({ record, row }) => ({
      record,
      key: row.teamKey,
      column: "valid_from",
      from: row.validFrom,
      to: row.validTo,
    })),
    "team",
  );
  const known = new Set(teams.map(({ row }) => row.teamKey));
  const people = rawPeople.map((record) => ({ record, row: toPerson(record) }));
  for (const { record, row } of people)
    if (row.teamKey !== "" && !known.has(row.teamKey))
      throw refused(record, "team", `There is no team "${row.teamKey}".`);
  refuseOverlaps(
    people.map(({ record, row }) => ({
      record,
      key: row.mail,
      column: "mail",
      from: row.activeFrom,
      to: row.activeTo,
    })),
    "person",
  );
  return { teams: teams.map(({ row }) => row), people: people.map(({ row }) => row) };
}

function toTeam(record: RawRecord): DirectoryTeamRow {
  const teamKey = needed(record, "team");
  const businessUnitKey = value(record, "business_unit");
  const [validFrom, validTo] = stretch(record, "valid_from", "valid_to");
  return {
    teamKey,
    teamName: value(record, "name") || teamKey,
    businessUnitKey,
    businessUnitName: value(record, "business_unit_name") || businessUnitKey,
    costCentre: value(record, "cost_centre"),
    leadMail: value(record, "lead").toLowerCase(),
    aliases: value(record, "aliases")
      .split(";")
      .map((alias) => alias.trim())
      .filter(Boolean),
    validFrom,
    validTo,
  };
}

function toPerson(record: RawRecord): DirectoryPersonRow {
  const mail = needed(record, "mail").toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(mail)) throw refused(record, "mail", `"${mail}" is not a mail address.`);
  const role = value(record, "role").toLowerCase() || "member";
  if (!isRole(role))
    throw refused(record, "role", `"${role}" is not a role: admin, finance, auditor, platform or member.`);
  const [activeFrom, activeTo] = stretch(record, "active_from", "active_to");
  return {
    mail,
    name: value(record, "name") || mail,
    teamKey: value(record, "team"),
    managerMail: value(record, "manager").toLowerCase(),
    role,
    activeFrom,
    activeTo,
  };
}

function value(record: RawRecord, column: string): string {
  return record.values[column]?.trim() ?? "";
}

function needed(record: RawRecord, column: string): string {
  const text = value(record, column);
  if (text === "") throw refused(record, column, `${column} is empty.`);
  return text;
}

function stretch(record: RawRecord, fromColumn: string, toColumn: string): [Day | null, Day | null] {
  const from = optionalDay(record, fromColumn);
  const to = optionalDay(record, toColumn);
  if (from !== null && to !== null && from >= to)
    throw refused(
      record,
      toColumn,
      `${toColumn} is the first day after the stretch and must be later than ${fromColumn}.`,
    );
  return [from, to];
}

function optionalDay(record: RawRecord, column: string): Day | null {
  const text = value(record, column);
  if (text === "") return null;
  try {
    return day(text);
  } catch {
    throw refused(record, column, `"${text}" is not a day of the form 2026-03-31.`);
  }
}

type Stretch = { record: RawRecord; key: string; column: string; from: Day | null; to: Day | null };

function refuseOverlaps(stretches: readonly Stretch[], noun: string): void {
  const byKey = Map.groupBy(stretches, (one) => one.key);
  for (const [key, ofKey] of byKey) {
    const ordered = ofKey.toSorted((a, b) => (a.from ?? "").localeCompare(b.from ?? ""));
    for (const [index, later] of ordered.entries()) {
      const earlier = ordered[index - 1];
      if (earlier && (earlier.to === null || later.from === null || later.from < earlier.to))
        throw refused(later.record, later.column, `The ${noun} "${key}" is there twice at the same time.`);
    }
  }
}

function refused(record: RawRecord, column: string, message: string): AppError {
  return new AppError("bad_data", message, {
    remedy: "Correct the directory file.",
    place: { ...record.place, column, value: record.values[column] ?? "" },
  });
}
