import { expect, test } from "vitest";
import { shownHome } from "#cli/shown-home.ts";

test.each([
  ["below the folder", "/srv/bursar/.bursar/demo", ".bursar/demo"],
  ["elsewhere", "/var/lib/bursar", "/var/lib/bursar"],
  ["the folder itself", "/srv/bursar", "/srv/bursar"],
  ["with signs that a shell reads", "/srv/bursar/it's mine", String.raw`'it'\''s mine'`],
])("a home %s is shown as it can be typed", (_what, home, shown) => {
  expect(shownHome(home, "/srv/bursar")).toBe(shown);
});
