import { expect, test } from "vitest";
import { leftWords, waitingWords } from "#app/(dashboard)/audit/retention/pseudonym-words.ts";

const free = { table: "making", rows: 2, waits: 0, holds: [] };
const waiting = { table: "finding", rows: 2, waits: 1, holds: [7, 3] };

test("what a hold keeps is told before the order and after it, with the holds", () => {
  expect(waitingWords([free], "will")).toBe("");
  expect(waitingWords([free, waiting], "will")).toBe(
    "1 text that was made of events will keep the name, as it may tell of what holds 3 and 7 are about. Order it again once that is over.",
  );
  expect(waitingWords([waiting, { ...waiting, waits: 2, holds: [3] }], "did")).toBe(
    "3 texts that were made of events keep the name, as they may tell of what holds 3 and 7 are about. Order it again once that is over.",
  );
  expect(waitingWords([{ ...waiting, holds: [3] }], "did")).toMatch(/^1 text .* keeps the name, .* hold 3 is about\./);
});

const NOTHING = { isCutOff: false, hasHeld: false, texts: 0, holds: [] };

test.each([
  ["is the rest of the log", { isCutOff: true }, /^Not finished: it has not come to the end of the log\./],
  [
    "waits for a hold",
    { texts: 1, holds: [3] },
    /^Not finished: 1 text made of events kept the name and waits for hold 3\./,
  ],
  ["waits for holds", { texts: 2, holds: [3, 7] }, /2 texts .* and wait for holds 3 and 7\./],
  ["waits for nothing any more", { texts: 2 }, /nothing holds them any more\. Order it again\.$/],
  ["is events, too", { texts: 2, hasHeld: true, holds: [3] }, /: events that are held and 2 texts made of events kept/],
  [
    "is events alone",
    { hasHeld: true },
    /: events that are held kept the name\. Order it again once the holds are over\.$/,
  ],
  ["is every text", { texts: null }, /: texts made of events kept the name\./],
])("what is left of an order %s", (_what, left, words) => {
  expect(leftWords({ ...NOTHING, ...left })).toMatch(words);
});

test("of an order of which nothing is left nothing is told", () => {
  expect(leftWords(null)).toBeNull();
});
