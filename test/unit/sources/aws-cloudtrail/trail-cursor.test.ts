import { expect, test } from "vitest";
import { firstCursor, movedOn, trailCursor } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
import { tellUnnamed } from "#lib/sources/aws-cloudtrail/unnamed-files.ts";

test("a cursor that is handed out stays as it was while reading goes on", () => {
  const now = new Date("2026-03-10T00:00:00Z");
  const cursor = firstCursor(now, 30);
  cursor.files["2026/03/01/111122223333_CloudTrail_eu-central-1_20260301T1005Z_a.json.gz"] = {
    tag: "1",
    hash: "1",
    standing: "open",
  };
  cursor.covered = [{ from: "2026-03-01T00:00:00Z", to: "2026-03-05T00:00:00Z" }];
  const handedOut = movedOn(cursor, now, 20, null);
  const before = structuredClone(handedOut);
  expect(tellUnnamed(cursor, "AWSLogs/")).toMatchObject([{ code: "file_unnamed" }]);
  expect(handedOut).toEqual(before);
});

test("a cursor forgets digests before what is listed, but for the last of each trail, which the next one follows", () => {
  const now = new Date("2026-03-30T00:00:00Z");
  const cursor = firstCursor(now, 60);
  const nameOf = (trail: string, day: string) =>
    `2026/03/${day}/1_CloudTrail-Digest_x_${trail}_x_202603${day}T010000Z.json.gz`;
  const link = { tag: "1", hash: "1", followedAs: null, isTold: false };
  for (const [trail, day] of [
    ["a", "01"],
    ["a", "02"],
    ["b", "01"],
    ["b", "25"],
  ] as const)
    cursor.chain[nameOf(trail, day)] = link;
  cursor.chain[nameOf("a", "03")] = { ...link, tag: null, isTold: true };
  expect(Object.keys(movedOn(cursor, now, 14, null).chain)).toEqual([nameOf("a", "02"), nameOf("b", "25")]);
  // In the middle of a first look what was told is not told again.
  const within = movedOn(cursor, now, 14, "2026/03/01").chain;
  expect(Object.keys(within)).toEqual([nameOf("a", "02"), nameOf("b", "25"), nameOf("a", "03")]);
});

test("a cursor from before digests were kept by their names reads them again", () => {
  const kept = { from: "2026/03/01", files: {}, digests: { trail: "key" }, backfills: ["key"], covered: [], owed: {} };
  expect(trailCursor.parse(kept)).toEqual({ from: "2026/03/01", files: {}, chain: {}, covered: [], owed: {} });
});
