import { expect, test } from "vitest";
import { isOfDays, misunderstoodIn, parseAuditParams } from "#app/(dashboard)/audit/search-params.ts";
import { MOST_TEXT_CHARACTERS } from "#lib/domain/trail/storable-event.ts";
import { TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";

test("whatever an event has in a field can be asked for by a link, and kept as a search", () => {
  const resource = "r".repeat(MOST_TEXT_CHARACTERS);
  expect(parseAuditParams({ resource })).toMatchObject({ resource });
  expect(TRAIL_SEARCH.parse({ resource })).toMatchObject({ resource });
});

test("what is asked for and not understood is told, and never left out", () => {
  const asked = {
    outcome: "purple",
    from: "banana",
    event: "abc",
    q: "w".repeat(501),
    person: "ada@example.com",
    to: "",
  };
  expect(misunderstoodIn(asked).map(({ name }) => name)).toEqual(["q", "outcome", "from", "event"]);
  expect(misunderstoodIn({ person: "ada@example.com", q: " ", from: "2026-03-01", unknown: "x" })).toEqual([]);
});

test("from a day to the same day is that day; times within a day are no days", () => {
  const day = parseAuditParams({ from: "2026-03-01", to: "2026-03-01" });
  expect([day.from, day.to]).toEqual([new Date("2026-03-01T00:00:00Z"), new Date("2026-03-02T00:00:00Z")]);
  expect(isOfDays(day)).toBe(true);
  const hour = parseAuditParams({ from: "2026-03-01T10:00:00.000Z", to: "2026-03-01T11:00:00.000Z" });
  expect(isOfDays(hour)).toBe(false);
});
