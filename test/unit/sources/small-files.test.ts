import { describe, expect, test } from "vitest";
import { PERSON_COLUMNS, TEAM_COLUMNS, toDirectory } from "#lib/sources/directory-file/directory.ts";
import { parseCsvRecords, parseYamlRecords } from "#lib/sources/directory-file/parse-records.ts";
import { parseRates } from "#lib/sources/exchange-rates-file/parse-rates.ts";
import { columnFindings } from "#lib/sources/focus/focus-columns.ts";
import { parseCsvHeader } from "#lib/sources/focus/csv-header.ts";
import { focusSpec } from "#lib/sources/focus/spec.ts";

function directory(teams: string, people = "mail\n") {
  return toDirectory(
    parseCsvRecords(teams, "teams.csv", TEAM_COLUMNS),
    parseCsvRecords(people, "people.csv", PERSON_COLUMNS),
  );
}

describe("a directory", () => {
  test("a team that moves has one row for each stretch", () => {
    const { teams } = directory(
      "team,business_unit,aliases,valid_from,valid_to\nclaims,life,Claims; clm,,2026-03-01\nclaims,motor,,2026-03-01,\n",
    );
    expect(teams.map((team) => [team.businessUnitKey, team.validFrom, team.validTo])).toEqual([
      ["life", null, "2026-03-01"],
      ["motor", "2026-03-01", null],
    ]);
    expect(teams[0]?.aliases).toEqual(["Claims", "clm"]);
  });

  test.each([
    [
      "overlapping stretches",
      "team,valid_from,valid_to\na,,2026-03-02\na,2026-03-01,\n",
      "mail\n",
      { file: "teams.csv", line: 3, column: "valid_from", value: "2026-03-01" },
    ],
    [
      "an unknown team",
      "team\na\n",
      "mail,team\nx@example.com,b\n",
      { file: "people.csv", line: 2, column: "team", value: "b" },
    ],
    [
      "a mail that is there twice",
      "team\na\n",
      "mail\nx@example.com\nX@example.com\n",
      { file: "people.csv", line: 3, column: "mail", value: "X@example.com" },
    ],
    [
      "a bad date",
      "team,valid_from\na,2026-02-30\n",
      "mail\n",
      { file: "teams.csv", line: 2, column: "valid_from", value: "2026-02-30" },
    ],
  ])("%s is refused with its place", (_, teams, people, place) => {
    expect(() => directory(teams, people)).toThrowError(expect.objectContaining({ code: "bad_data", place }));
  });

  test("YAML keeps leading zeros and takes aliases as a list", () => {
    const { teams } = parseYamlRecords(
      "teams:\n  - team: a\n    cost_centre: 0042\n    aliases: [x, y]\n    valid_from: 2026-03-01\n",
      "d.yaml",
    );
    expect(toDirectory(teams, []).teams[0]).toMatchObject({
      costCentre: "0042",
      aliases: ["x", "y"],
      validFrom: "2026-03-01",
    });
  });
});

describe("exchange rates", () => {
  test("the ECB's layout with its trailing comma and N/A", () => {
    expect(parseRates("Date,USD,CYP,\n2026-03-02,1.0843,N/A,\n2026-02-27,1.08,0.58,\n", "r.csv")).toEqual([
      { day: "2026-03-02", currency: "USD", base: "EUR", rate: "1.0843" },
      { day: "2026-02-27", currency: "USD", base: "EUR", rate: "1.08" },
      { day: "2026-02-27", currency: "CYP", base: "EUR", rate: "0.58" },
    ]);
  });

  test("a rate that is no number is refused with its place", () => {
    expect(() => parseRates("Date,USD\n2026-03-02,1x\n", "r.csv")).toThrowError(
      expect.objectContaining({ place: { file: "r.csv", line: 2, column: "USD", value: "1x" } }),
    );
  });
});

test("a header may be quoted and have another delimiter", () => {
  expect(parseCsvHeader('\uFEFF"BilledCost";"a;b";Tags\r\n1;2;3', "x.csv")).toEqual({
    columns: ["BilledCost", "a;b", "Tags"],
    delimiter: ";",
  });
});

test("an unknown column is a finding, one of the provider's own is not", () => {
  const codes = columnFindings("x.csv", ["Id", "x_Own", "billedcost"], 3).map(
    ({ code, column }) => `${code} ${column}`,
  );
  expect(codes).toContain("unknown_column Id");
  expect(codes).toContain("column_case billedcost");
  expect(codes.join()).not.toContain("x_Own");
});

test("a source needs either a bucket or a path", () => {
  expect(focusSpec.safeParse({ kind: "focus", layout: "aws-data-exports" }).success).toBe(false);
  expect(focusSpec.safeParse({ kind: "focus", layout: "aws-data-exports", bucket: "exports" }).success).toBe(true);
});
