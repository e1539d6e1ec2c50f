import { expect, test } from "vitest";
import { fileGapsOf, silencesOf, turnsOf, unreadGap, type Distance } from "#lib/domain/trail/gap.ts";

const at = (time: string) => new Date(`2026-11-28T${time}:00Z`);
const READ = at("12:00");
const usual: Distance = {
  part: { kind: "account", key: "111122223333" },
  from: at("02:10"),
  to: at("03:40"),
  usualSeconds: 600,
  learntFrom: 100,
};

test("a silence is told with whose it is, from when to when, and what is usual", () => {
  const [gap] = silencesOf([usual], READ);
  expect(gap).toMatchObject({ kind: "silence", from: at("02:10"), to: at("03:40") });
  expect(gap?.sentence).toMatch(
    /^Between 02:10 UTC, .+ and 03:40 UTC, .+ nothing came from account 111122223333; usually something comes within 10 min\.$/,
  );
});

test.each([
  ["is shorter than an hour", { to: at("03:09") }, 0],
  ["is exactly an hour", { to: at("03:10") }, 1],
  ["is less than six times what is usual", { usualSeconds: 1_000 }, 0],
  ["is of somebody who has no cadence", { learntFrom: 19 }, 0],
  ["goes on, and is longer than an hour until it was read", { to: null }, 1],
  ["goes on, and began less than an hour before it was read", { to: null, from: at("11:01") }, 0],
  ["goes on after what was read", { to: null, from: at("13:00") }, 0],
])("a silence that %s", (_name, change, told) => {
  expect(silencesOf([{ ...usual, ...change }], READ)).toHaveLength(told);
});

test("a silence at the end of a time that has passed ends with it, and does not go on until now", () => {
  const [gap] = silencesOf([{ ...usual, to: null }], at("05:00"), true);
  expect(gap).toMatchObject({ from: at("02:10"), to: at("05:00") });
  expect(gap?.sentence).toMatch(/^From 02:10 UTC, .+ to the end of this time, 05:00 UTC, .+ nothing came from account/);
  expect(silencesOf([{ ...usual, to: null }], at("03:00"), true)).toEqual([]);
});

test("a missing file of CloudTrail says which account, region and time are not known, until it comes after all", () => {
  const file =
    "AWSLogs/o-1/111122223333/CloudTrail/eu-central-1/2026/11/28/111122223333_CloudTrail_eu-central-1_20261128T0215Z_Ab1.json.gz";
  const missing = { file, code: "file_missing", message: "It is missing.", foundAt: at("04:00") };
  expect(fileGapsOf("trail", [missing])).toMatchObject([
    {
      part: { kind: "account", key: "111122223333" },
      from: at("02:00"),
      to: at("02:15"),
      sentence: expect.stringMatching(
        /account 111122223333 did in eu-central-1 .* 02:15 UTC, .* It is missing\. The file is 111122223333_CloudTrail_eu-central-1_20261128T0215Z_Ab1\.json\.gz\.$/,
      ),
    },
  ]);
  const late = { ...missing, code: "file_late", message: "It has come.", foundAt: at("09:30") };
  expect(fileGapsOf("trail", [missing, late])).toMatchObject([
    {
      closed: { at: at("09:30") },
      sentence: expect.stringMatching(
        /was not known for certain until 09:30 UTC, .* It is missing\. It has come\. The file is \S+_Ab1\.json\.gz\.$/,
      ),
    },
  ]);
  const doubled = { ...missing, file: "other.log", code: "file_doubled", message: "" };
  const unreadable = { ...missing, file: "audit/other.log", code: "file_unreadable", message: "It cannot be read." };
  expect(fileGapsOf("trail", [doubled, unreadable])).toMatchObject([
    {
      part: { kind: "source", key: "trail" },
      from: null,
      to: null,
      sentence: "It cannot be read. The file is other.log.",
    },
  ]);
  const digest = "111122223333_CloudTrail-Digest_eu-central-1_management_eu-central-1_20261128T021500Z.json.gz";
  expect(fileGapsOf("trail", [{ ...missing, file: digest, code: "digest_broken" }])).toMatchObject([
    { from: at("01:15"), to: at("02:15"), sentence: expect.stringContaining("in about the hour to") },
  ]);
});

test("of a file that was deleted after it was read nothing is unknown", () => {
  const file = "111122223333_CloudTrail_eu-central-1_20261128T0215Z_a.json.gz";
  const told = (code: string) => ({ file, code, message: `${code}.`, foundAt: at("04:00") });
  const [open] = fileGapsOf("trail", [told("file_deleted")]);
  expect(open?.sentence).toMatch(/stands only here\. file_deleted\. The file is \S+_a\.json\.gz\.$/);
  const [closed] = fileGapsOf("trail", [told("file_deleted"), told("file_restored")]);
  expect(closed?.sentence).toMatch(
    /stood only here until .*\. file_deleted\. file_restored\. The file is \S+_a\.json\.gz\.$/,
  );
});

test("a gap is closed by what was found of its file later, and torn open by what was found after that", () => {
  const told = (...codes: string[]) =>
    fileGapsOf(
      "trail",
      codes.map((code) => ({ file: "a.log", code, message: "", foundAt: null })),
    ).map(({ closed }) => closed !== null);
  expect(told("file_changed", "file_restored")).toEqual([true]);
  expect(told("file_changed", "file_restored", "file_changed")).toEqual([true, false]);
  expect(told("file_restored", "file_changed")).toEqual([false]);
  expect(told("digest_broken", "digest_broken", "digest_restored")).toEqual([true, true]);
  expect(told("digest_broken", "digest_late")).toEqual([true]);
  expect(told("file_deleted", "file_restored", "file_deleted")).toEqual([true, false]);
  expect(told("file_unnamed", "file_named")).toEqual([true]);
  expect(told("file_unnamed", "file_late")).toEqual([false]);
  // What was taken before it was known to be wrong stays wrong.
  expect(told("file_replaced", "file_changed", "file_restored")).toEqual([false, true]);
  expect(turnsOf("file_late")).toEqual(["file_missing"]);
  expect(turnsOf("file_missing")).toContain("file_late");
  expect(turnsOf("event_cut")).toEqual([]);
});

test("what could not be read is a gap from its last reading on", () => {
  expect(unreadGap("trail", at("02:00"), "Access denied.")).toMatchObject({ from: at("02:00"), to: null });
  expect(unreadGap("trail", null, "Access denied.").sentence).toBe("It could not be read yet: Access denied.");
});
