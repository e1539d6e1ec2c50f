import { expect, test } from "vitest";
import { parseAuditParams } from "#app/(dashboard)/audit/search-params.ts";
import { MOST_TEXT_CHARACTERS } from "#lib/domain/trail/storable-event.ts";
import { TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";

test("whatever an event has in a field can be asked for by a link, and kept as a search", () => {
  const resource = "r".repeat(MOST_TEXT_CHARACTERS);
  expect(parseAuditParams({ resource })).toMatchObject({ resource });
  expect(TRAIL_SEARCH.parse({ resource })).toMatchObject({ resource });
});
