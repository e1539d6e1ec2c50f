import { expect, test } from "vitest";
import { cutSample, finding } from "#lib/sources/finding.ts";

test.each([
  ["is short", "ada@example.com", 20, "ada@example.com"],
  ["is cut between two words", '{"by":"ada","at":7}', 12, '{"by":"ada",…'],
  ["would be cut inside of a mail", '{"user":{"mail":"ada@example.com"}}', 21, '{"user":{"mail":"…'],
  ["is one long word", "a".repeat(30), 20, `${"a".repeat(20)}…`],
  ["would be cut inside of a sign", `aaaa ${"\u{1F600}".repeat(4)}`, 8, "aaaa \u{1F600}\uFFFD…"],
])("a sample that %s", (_what, text, most, kept) => {
  expect(cutSample(text, most)).toBe(kept);
});

test("a finding's sample has 120 characters at the most", () => {
  const { sample } = finding("event_not_understood", "a.log", { sample: "word ".repeat(40) });
  expect(sample).toBe(`${"word ".repeat(24)}…`);
});
