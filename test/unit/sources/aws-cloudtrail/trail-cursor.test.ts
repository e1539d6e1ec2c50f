import { expect, test } from "vitest";
import { firstCursor, movedOn } from "#lib/sources/aws-cloudtrail/trail-cursor.ts";
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
