import { describe, expect, test } from "vitest";
import { ownerResolver } from "#lib/domain/ownership/resolve-owner.ts";
import type { ClaimStretch } from "#lib/services/ownership/load-claims.ts";
import { accountOwnerDays } from "#lib/services/sprawl/account-owner-days.ts";
import { coverageOverTime } from "#lib/services/sprawl/growth-lines.ts";
import { claim, DIRECTORY } from "../domain/ownership/fixtures.ts";

const at = (day: number) => new Date(Date.UTC(2026, 9, day, 12));
const stretch = (text: string, from: number, to: number | null): ClaimStretch => ({
  claim: claim("account-tag", text),
  seenFrom: at(from),
  seenTo: to === null ? null : at(to),
});
const SPANS = [
  { key: "AWS 1", from: at(1), to: null },
  { key: "AWS 2", from: at(2), to: at(5) },
];
const CLAIMS = new Map([["AWS 1", [stretch("claims", 3, 6)]]]);
const days = (team: string | null) => accountOwnerDays(SPANS, CLAIMS, ownerResolver(DIRECTORY), team);

describe("accounts that have an owner, over time", () => {
  test("an owner counts while its claim is made, and an account while it is there", () => {
    const lines = coverageOverTime(days(null), at(7));
    expect(
      lines.map(({ day, total, byStrength, ownedPercent }) => [day, total, byStrength.explicit, ownedPercent]),
    ).toEqual([
      ["2026-10-01", 1, 0, "0.0"],
      ["2026-10-02", 2, 0, "0.0"],
      ["2026-10-03", 2, 1, "50.0"],
      ["2026-10-04", 2, 1, "50.0"],
      ["2026-10-05", 1, 1, "100.0"],
      ["2026-10-06", 1, 0, "0.0"],
      ["2026-10-07", 1, 0, "0.0"],
    ]);
  });

  test("of one team only what leads to it counts", () => {
    expect(days("claims")).toEqual([
      { day: "2026-10-03", strength: "explicit", came: 1, went: 0 },
      { day: "2026-10-06", strength: "explicit", came: 0, went: 1 },
    ]);
    expect(days("motor")).toEqual([]);
  });
});
